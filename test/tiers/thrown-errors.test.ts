import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestError } from '../../src/index.ts'
import { openScene, type Scene, VARIANTS } from '../contract/scene.ts'

const ERROR = `Object.assign(new RangeError('top', { cause: new TypeError('root') }), {
  code: 'E_STOCK', sku: 'A-1', missing: [1n, undefined], also: new Map([['k', new Date(0)]]), skipped() {},
})`
const TOLD = {
  name: 'RangeError',
  message: 'top',
  code: 'E_STOCK',
  data: { sku: 'A-1', missing: [1n, undefined], also: new Map([['k', new Date(0)]]) },
  cause: { name: 'TypeError', message: 'root' },
}

/** Without what limited code does not get, in any tier of its own. */
function withoutPlaces({ stack: _s, location: _l, codeFrame: _c, cause, errors, ...rest }: GuestError): object {
  return {
    ...rest,
    ...(cause !== undefined && { cause: withoutPlaces(cause) }),
    ...(errors !== undefined && { errors: errors.map(withoutPlaces) }),
  }
}

describe.each(VARIANTS)('an error thrown in %s', (variant) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(variant)
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  const thrown = async (source: string): Promise<GuestError> => {
    const { outcome } = await scene.run(source)
    if (outcome.kind === 'threw') return outcome.error
    throw new Error(`expected an error, received ${outcome.kind}`)
  }

  it.each([
    ['by the call', `export default () => { throw ${ERROR} }`],
    ['by its promise', `export default async () => { await null; throw ${ERROR} }`],
    ['while it loads', `throw ${ERROR}; export default 1`],
    ['by a timer', `export default () => new Promise(() => setTimeout(() => { throw ${ERROR} }, 1))`],
  ])('%s keeps its code, its data and its cause', async (_how, source) => {
    expect(withoutPlaces(await thrown(source))).toEqual(TOLD)
  })

  it('keeps the errors it is made of', async () => {
    const source = `export default () => Promise.any([Promise.reject(new TypeError('a')), Promise.reject(7)])`
    expect(withoutPlaces(await thrown(source))).toEqual({
      name: 'AggregateError',
      message: 'All promises were rejected',
      errors: [
        { name: 'TypeError', message: 'a' },
        { name: 'Thrown', message: '7' },
      ],
    })
  })
})

it('shows the place of a cause in the source', async () => {
  await using scene = await openScene('isolate')
  const source = `export default () => {\n  try {\n    null.x\n  } catch (cause) {\n    throw new Error('wrapped', { cause })\n  }\n}`
  const { outcome } = await scene.run(source, { trust: 'untrusted' })
  expect(outcome).toMatchObject({ kind: 'threw', error: { location: { line: 5 }, cause: { location: { line: 3 } } } })
  const { cause } = outcome.kind === 'threw' ? outcome.error : { cause: undefined }
  expect(cause?.codeFrame).toContain('> 3 |     null.x')
  expect(cause?.stack).not.toContain('guest:program')
})
