import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScene, type Scene, VARIANTS } from '../contract/scene.ts'
import { BEHAVIOUR } from './behaviour.ts'
import { BODIES } from './bodies.ts'

const ALL = [...BEHAVIOUR, ...BODIES]

/** One program that does all of it, since a sandbox for each would take long. */
const PROGRAM = `export default async () => {
  const answers = []
  for (const run of [${ALL.map(([, body]) => `async () => { ${body} }`).join(',\n')}]) {
    answers.push(await run().catch((error) => 'threw ' + error))
  }
  return answers
}`

describe.each(VARIANTS)('the web platform in %s', (variant) => {
  let scene: Scene
  let answers: unknown
  beforeAll(async () => {
    scene = await openScene(variant)
    const { outcome } = await scene.run(PROGRAM)
    answers = outcome.kind === 'returned' ? outcome.value : outcome
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  it.each(ALL.map(([title, , answer], index) => [title, answer, index] as const))('%s', (_title, answer, index) => {
    expect(Reflect.get(Object(answers), index)).toEqual(answer)
  })

  it('ends a call with an error that is reported, or that no listener caught', async () => {
    const reported = await scene.run(`export default () => { reportError(new RangeError('told')); return 1 }`)
    expect(reported.outcome).toMatchObject({ kind: 'threw', error: { name: 'RangeError', message: 'told' } })
    const thrown = await scene.run(`export default () => {
      const target = new EventTarget()
      target.addEventListener('x', () => { throw new TypeError('nobody') })
      target.dispatchEvent(new Event('x'))
      return 1
    }`)
    expect(thrown.outcome).toMatchObject({ kind: 'threw', error: { name: 'TypeError', message: 'nobody' } })
  })

  it('refuses to return what is not data, by name', async () => {
    const { outcome } = await scene.run(`export default () => {
      const values = [new URL('a:b'), new AbortController().signal, new File([], 'f'), new ReadableStream(), new Event('e')]
      return values.map((inside) => {
        try {
          return structuredClone({ inside })
        } catch (error) {
          return error.message
        }
      })
    }`)
    const value = ['URL', 'AbortSignal', 'File', 'ReadableStream', 'Event'].map(
      (kind) => `Cannot clone value: "inside" is of kind ${kind}`,
    )
    expect(outcome).toEqual({ kind: 'returned', value })
    const returned = await scene.run(`export default () => ({ link: new URL('a:b') })`)
    const error = { name: 'DataCloneError', message: 'Cannot clone value: "link" is of kind URL' }
    expect(returned.outcome).toMatchObject({ kind: 'threw', error })
  })

  it('refuses the same of the host, as input and as what its functions answer', async () => {
    for (const [kind, input] of [
      ['a URL', new URL('a:b')],
      ['an Event', new Event('e')],
    ] as const) {
      const running = scene.run(`export default () => 1`, { input: { inside: input } })
      const message = expect.stringContaining(`"inside" is ${kind}`)
      await expect(running).rejects.toMatchObject({ code: 'RF_DATA_NOT_CLONEABLE', message })
    }
    const source = `import { f } from 'host'\nexport default () => f().catch((error) => error.message)`
    const { outcome } = await scene.run(source, { functions: { f: () => new Blob([]) } })
    expect(outcome).toEqual({ kind: 'returned', value: 'Cannot clone value: it is a Blob' })
  })

  it('returns a DOMException as an error with its name', async () => {
    const { outcome } = await scene.run(`export default () => new DOMException('m', 'AbortError')`)
    expect(outcome.kind === 'returned' && outcome.value).toMatchObject({ name: 'AbortError', message: 'm' })
  })
})
