import vm from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ready } from './bare-realm.ts'
import { ESCAPES, PIECES } from './import-tricks.ts'
import { callProgram, marksLeft, nextMark } from './kernel-realm.ts'

/** Every way to a compiler that a guest has; `text` is the text. */
const COMPILERS: readonly (readonly [name: string, call: string])[] = [
  ['eval', 'eval(text)'],
  ['indirect eval', '(0, eval)(text)'],
  ['eval within eval', 'eval("(0, eval)(" + JSON.stringify(text) + ")")'],
  ['Function', 'new Function(text)()'],
  ['a parameter of Function', 'new Function("a = (" + text + ")", "")()'],
  ['a parameter that ends them', 'new Function(text + "\\n) {", "")()'],
  ['AsyncFunction', '(async () => {}).constructor(text)()'],
  ['GeneratorFunction', '(function* () {}).constructor(text)().next()'],
  ['AsyncGeneratorFunction', '(async function* () {}).constructor(text)().next()'],
  ['Function within Function', 'new Function("text", "return new Function(text)()")(text)'],
  ['a subclass of Function', 'new (class extends Function {})(text)()'],
  ['another new target', 'Reflect.construct(Function, [text], class extends Array {}) && 0'],
]

const all = COMPILERS.map(([, call]) => `try { const made = ${call}; made?.catch?.(() => {}) } catch {}`).join('\n')

/** Has a guest compile a text by each compiler it has, and answers the marks that the text left. */
async function escapesOf(source: string, calls = all): Promise<readonly number[]> {
  const text = source.replaceAll('fs', nextMark())
  await callProgram(ready(`const text = ${JSON.stringify(text)}\n${calls}`, { kind: 'script' }))
  return marksLeft()
}

describe('no import() in code from strings reaches the loader of Node', () => {
  it.each(ESCAPES)('behind %s', async (_, source) => {
    expect(await escapesOf(source)).toEqual([])
  })

  it.each([
    ['an argument that is another text when it is read again', '{ toString: () => (n++ ? text : "") }'],
    ['an argument that is a text by another name', '{ [Symbol.toPrimitive]: () => text }'],
    ['a list', '[text]'],
    ['a String', 'Object(text)'],
    [
      'a proxy of a text',
      'new Proxy(Object(text), { get: (t, k) => (k === "toString" || k === "valueOf") ? () => text : Reflect.get(t, k) })',
    ],
  ])('given as %s', async (_, argument) => {
    const call = `let n = 0; try { new Function(${argument})() } catch {} try { eval(${argument}) } catch {}`
    expect(await escapesOf('import("fs").catch(() => {})', call)).toEqual([])
  })

  it.each([
    ['a parameter and the body', 'new Function("im", text)()'],
    ['two parameters', 'new Function("a = im", text, "")()'],
    ['a comment and what it hides', 'new Function("a /*", "*/ = " + text + ", b", "")()'],
    ['a text and what it makes', 'eval("(0, eval)(\'im\' + " + JSON.stringify(text) + ".slice(2))")'],
    ['a template', 'eval("(0, eval)(`${\'im\'}" + text.slice(2) + "`)")'],
    ['a timer', 'try { setTimeout(text) } catch {} try { setInterval(text) } catch {}'],
    ['the text of a function', 'eval("(" + (() => { const f = () => import("fs"); return f }).toString() + ")()()")'],
  ])('made of %s', async (_, call) => {
    expect(await escapesOf('import("fs")', `try { ${call} } catch {}`)).toEqual([])
  })

  it('from any mixture of what is hard to read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 8 }), async (pieces) => {
        expect(await escapesOf(pieces.join(''))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it.each([['eval(text)'], ['(0, eval)(text)'], ['new Function(text)()']])(
    'unseen by these tests: %s',
    async (call) => {
      const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
      const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, { importModuleDynamically })
      const script = `const text = ${JSON.stringify(`import("${nextMark()}")`)}; ${call}`
      new vm.Script(script, { importModuleDynamically }).runInContext(context)
      expect(await marksLeft()).toHaveLength(1)
    },
  )
})
