import assert from 'node:assert/strict'
import type { Check, Guarantee } from '../guarantee.ts'
import { returned, threw, valueOf } from '../outcomes.ts'
import { guest } from '../scene.ts'

const ABSENT = [
  'process',
  'require',
  'module',
  'global',
  'Buffer',
  'fetch',
  'WebAssembly',
  'SharedArrayBuffer',
  'setImmediate',
  'Worker',
  '__proto__',
]

const lentFunctions = {
  data: async () => ({ list: [new Map([['a', 1]])] }),
  now: { call: () => new Date(0), sync: true },
  fail: async () => {
    throw new RangeError('no')
  },
  failNow: {
    call: () => {
      throw new RangeError('no')
    },
    sync: true,
  },
}

const objects: readonly Check[] = [
  {
    title: 'gives it objects of its own realm only, wherever they come from',
    check: async (scene) => {
      const input = { list: [new Map(), new Date(), /a/, new Error('e'), new Uint8Array(1)] }
      const found = await valueOf(scene, guest('looks-for-host-objects'), { functions: lentFunctions, input })
      assert.ok(Array.isArray(found))
      const [foreign, looked]: unknown[] = found
      assert.deepEqual(foreign, [])
      assert.ok(Number(looked) > 40, `only ${String(looked)} values were looked at`)
    },
  },
  {
    title: 'gives it no error of the host when its stack is exhausted inside a call of the host',
    check: async (scene) => {
      // In a shared thread the host's own frames overflow as well, and their RangeError would be the host's.
      const found = await valueOf(scene, guest('exhausts-stack-in-host-call'), { functions: lentFunctions })
      assert.deepEqual(found, [])
    },
  },
  {
    title: 'has no caller to look at but itself',
    check: async (scene) => {
      const source = `const callers = function () {
        const found = []
        let at = arguments.callee
        try { for (at = at.caller; at; at = at.caller) found.push(at.constructor === Function && at.name) } catch {}
        return found
      }
      callers()`
      // The first is the function that the script itself was made into; behind it stands the kernel, which is strict.
      assert.deepEqual(await valueOf(scene, source, { kind: 'script' }), ['__module_level__'])
    },
  },
]

const PLACES = [
  'console',
  'console.log',
  'setTimeout',
  'setTimeout(() => {})',
  'globalThis',
  'this ?? {}',
  'input',
  'input.list',
  'structuredClone({})',
  'import("host")',
  'import.meta',
  'new Error().stack',
  '(async () => {})()',
]

const strings: readonly Check[] = [
  ...PLACES.map(
    (place) =>
      ({
        title: `makes no code by the constructors of ${place}`,
        check: async (scene) => {
          const source = `export default async (input) => {
        const value = ${place.startsWith('import(') ? `await ${place}` : place}
        const constructor = (value.constructor ?? value[Object.keys(value)[0]]?.constructor ?? Object).constructor
        return typeof constructor('return process')().pid
      }`
          const execution = await scene.run(source, { input: { list: [] }, functions: lentFunctions })
          assert.match(threw(execution).message, /not defined|undefined|null/)
        },
      }) satisfies Check,
  ),
  {
    title: 'makes code from strings, in the realm of the guest',
    check: async (scene) => {
      const source = `export default async () => [
        eval('1 + 1'), (0, eval)('var made = 3; made'), globalThis.made, new Function('a', 'return a')(4),
        await (async () => {}).constructor('return 5')(), Function('return this')() === globalThis,
        Function('return typeof process')(), await Function('return import("node:fs")')().catch((error) => error.code),
      ]`
      const code = 'ERR_MODULE_NOT_FOUND'
      assert.deepEqual(await valueOf(scene, source), [2, 3, 3, 4, 5, true, 'undefined', code])
      assert.equal(threw(await scene.run('setTimeout("1")')).name, 'TypeError')
    },
  },
  {
    title: 'makes no code from strings where the policy refuses it, and says so',
    check: async (scene) => {
      await using strict = await scene.apart({ policy: { levels: { trusted: { codeFromStrings: 'refuse' } } } })
      const source = `export default () =>
        [() => eval('1'), () => Function('1'), () => (async () => {}).constructor('1')].map((make) => {
          try { return make() } catch (error) { return error.name }
        })`
      const execution = await strict.run(source)
      assert.deepEqual(returned(execution), ['EvalError', 'EvalError', 'EvalError'])
      assert.ok(execution.decision.verdict === 'route' && execution.decision.codeFromStrings === 'refuse')
      assert.ok(execution.decision.because.some(({ rule }) => rule === 'code-from-strings'))
    },
  },
]

const names: readonly Check[] = [
  {
    title: 'has none of the names of Node or of the dangerous built-ins',
    check: async (scene) => {
      const source =
        'export default (names) => names.filter((name) => name in globalThis && globalThis[name] !== globalThis.__proto__)'
      assert.deepEqual(await valueOf(scene, source, { input: ABSENT }), [])
    },
  },
  {
    title: 'leaves the host its own prototypes, whatever a guest does to its',
    check: async (scene) => {
      const source = `export default () => {
        for (const kind of [Object, Array, Function, Promise, Map, Error, String]) kind.prototype.polluted = 1
        Object.prototype.then = (resolve) => resolve('hijacked')
        Array.prototype.push = Promise.prototype.then = JSON.stringify = () => { throw new Error('hijacked') }
        return 'ran'
      }`
      assert.equal(await valueOf(scene, source), 'ran')
      const spoiled = [{}, [], () => {}, new Map(), ''].filter((value) => 'polluted' in Object(value))
      assert.deepEqual(spoiled, [])
    },
  },
]

/** What a guest can reach. */
export const WALLS: readonly Guarantee[] = [
  { row: 'Shows a guest no object of the host', checks: [...objects, ...names] },
  { row: 'Makes no code from strings', checks: strings },
]
