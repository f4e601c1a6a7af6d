import assert from 'node:assert/strict'
import type { Check, Guarantee } from '../guarantee.ts'
import { expectServing, threw, valueOf } from '../outcomes.ts'
import { guest, type Scene } from '../scene.ts'

const RULE = `interface Order { cents: number }

function check(order: Order) {
  throw new TypeError(\`not \${order.cents}\`)
}
export default async (order: Order) => {
  await null
  check(order)
}
`

/** Traces of the host or of our own machinery that a guest's stack must not show. */
const FOREIGN_FRAME = /node:|file:|guest:|node_modules|src\/|\/work|evalmachine|isolated-vm|vite_ssr/

/** What is thrown, and the name and message it arrives with. */
const THROWN: readonly (readonly [expression: string, name: string, message: string])[] = [
  ['undefined', 'Thrown', 'undefined'],
  ['"text"', 'Thrown', "'text'"],
  ['42', 'Thrown', '42'],
  ['Symbol("s")', 'Thrown', 'Symbol(s)'],
  ['{ code: 7 }', 'Thrown', '{ code: 7 }'],
  ['new (class extends Error { name = "PriceError" })("too low")', 'PriceError', 'too low'],
  ['{ name: "Like", message: "an error" }', 'Like', 'an error'],
  ['Object.defineProperty(new Error("a"), "message", { get() { throw 1 } })', 'Error', ''],
  [
    '(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()',
    'Thrown',
    '[cannot be inspected]',
  ],
  ['new Error("x".repeat(2 ** 28))', 'Error', '[text of 268435456 characters]'],
]

async function expectThrown(scene: Scene, expression: string, name: string, message: string): Promise<void> {
  const error = threw(await scene.run(`export default () => { throw ${expression} }`))
  assert.deepEqual({ name: error.name, message: error.message }, { name, message })
}

const asText: readonly Check[] = [
  {
    title: 'tells name, message and stack of an error',
    check: async (scene) => {
      const { name, message, stack } = threw(await scene.run(guest('throws-type-error'), { filename: 'rule.js' }))
      assert.deepEqual({ name, message }, { name: 'TypeError', message: 'not a number' })
      assert.equal(stack, 'TypeError: not a number\n    at default (rule.js:2:9)')
    },
  },
  {
    title: 'takes null for what it is',
    check: async (scene) => {
      assert.deepEqual(threw(await scene.run(guest('throws-null'))), { name: 'Thrown', message: 'null' })
    },
  },
  ...THROWN.map(([expression, name, message]) => ({
    title: `describes throw ${expression}`,
    check: (scene: Scene) => expectThrown(scene, expression, name, message),
  })),
  {
    title: 'takes a stack that is exhausted for an error of the guest',
    check: async (scene) => {
      assert.equal(threw(await scene.run(guest('recurses'))).name, 'RangeError')
      await expectServing(scene)
    },
  },
  {
    title: 'says which exports there are when the one asked for is missing',
    check: async (scene) => {
      const { name, message } = threw(await scene.run('export const total = 1', { export: 'sum' }))
      assert.deepEqual([name, message], ['TypeError', 'Cannot call export "sum": "program.ts" exports "total"'])
    },
  },
]

const mapped: readonly Check[] = [
  {
    title: 'points at the place in the TypeScript the caller wrote',
    check: async (scene) => {
      const error = threw(await scene.run(RULE, { filename: 'rule.ts', input: { cents: 1 } }))
      assert.equal(error.stack, 'TypeError: not 1\n    at check (rule.ts:4:9)\n    at default (rule.ts:8:3)')
      assert.deepEqual(error.location, { file: 'rule.ts', line: 4, column: 9 })
      assert.match(error.codeFrame ?? '', /> 4 \| {3}throw new TypeError/)
    },
  },
  {
    title: 'points into the module that threw',
    check: async (scene) => {
      const modules = { './lib.ts': 'export const half = (n: number): number => {\n  throw new Error("odd")\n}\n' }
      const source = "import { half } from './lib.ts'\nexport default () => half(3)\n"
      const error = threw(await scene.run(source, { filename: 'main.ts', modules }))
      assert.deepEqual(error.location, { file: './lib.ts', line: 2, column: 9 })
      assert.match(error.stack ?? '', /at default \(main\.ts:2:22\)$/)
    },
  },
  {
    title: 'shows the guest and the caller no frame but those of the program',
    check: async (scene) => {
      const source = `import { now } from 'host'
        export default async () => {
          const stacks = []
          const catchInto = async (run) => { try { await run() } catch (error) { stacks.push(error.stack) } }
          await catchInto(() => null.x)
          await catchInto(() => structuredClone(() => {}))
          await catchInto(() => now())
          await catchInto(() => new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 1)))
          const error = new Error(stacks.join('\\n'))
          error.stack = stacks.join('\\n') + '\\n' + error.stack
          throw error
        }`
      const functions = { now: () => Promise.reject(new Error('no clock')) }
      const error = threw(await scene.run(source, { functions }))
      assert.doesNotMatch(error.stack ?? '', FOREIGN_FRAME)
      assert.match(error.stack ?? '', /no clock/)
    },
  },
  {
    title: 'lets no guest format stacks, whose call sites are objects of the engine',
    check: async (scene) => {
      const source = `export default () => {
        let seen = 'nothing'
        Error.prepareStackTrace = (error, sites) => { seen = sites }
        try { globalThis.Error = { prepareStackTrace: Error.prepareStackTrace } } catch {}
        void new TypeError('a').stack
        try { null.x } catch (error) { void error.stack }
        return seen
      }`
      assert.equal(await valueOf(scene, source), 'nothing')
    },
  },
]

const syntax: readonly Check[] = [
  {
    title: 'tells file, line, column and the lines around',
    check: async (scene) => {
      const source = 'const a = 1\nconst b: number = ;\nexport default () => a\n'
      assert.deepEqual((await scene.run(source, { filename: 'broken.ts' })).outcome, {
        kind: 'threw',
        error: {
          name: 'SyntaxError',
          message: 'Unexpected token',
          stack: 'SyntaxError: Unexpected token\n    at broken.ts:2:19',
          location: { file: 'broken.ts', line: 2, column: 19 },
          codeFrame: [
            '  1 | const a = 1',
            '> 2 | const b: number = ;',
            '    |                   ^',
            '  3 | export default () => a',
            '  4 |',
          ].join('\n'),
        },
      })
    },
  },
  {
    title: 'names the module in which it is',
    check: async (scene) => {
      const modules = { './lib.ts': 'export const x = (\n' }
      const { name, location } = threw(await scene.run("import './lib.ts'\nexport default 1\n", { modules }))
      assert.deepEqual([name, location?.file], ['SyntaxError', './lib.ts'])
    },
  },
]

const leftAlone: readonly Check[] = [
  {
    title: 'ends the call for a rejection that nobody handles',
    check: async (scene) => {
      const { name, message } = threw(await scene.run(guest('rejects-unhandled')))
      assert.deepEqual([name, message], ['Error', 'nobody caught this'])
      await expectServing(scene)
    },
  },
  {
    title: 'ends the call for an error in a callback of a timer',
    check: async (scene) => {
      const { name, message } = threw(await scene.run(guest('throws-in-timer')))
      assert.deepEqual([name, message], ['RangeError', 'from a timer'])
      await expectServing(scene)
    },
  },
  {
    title: 'ends the call for an error in a microtask',
    check: async (scene) => {
      const source = 'export default () => new Promise(() => queueMicrotask(() => { throw new RangeError("micro") }))'
      assert.equal(threw(await scene.run(source)).message, 'micro')
    },
  },
  {
    title: 'does not end the call for a rejection that is handled in time',
    check: async (scene) => {
      const source = `export default async () => {
        const late = Promise.reject(new Error('handled'))
        late.catch(() => {})
        await new Promise((resolve) => setTimeout(resolve, 5))
        return 'survived'
      }`
      assert.equal(await valueOf(scene, source), 'survived')
    },
  },
]

/** How what a guest does wrong is told. */
export const ERRORS: readonly Guarantee[] = [
  { row: 'Tells what was thrown as name, message and stack, whatever it was', checks: asText },
  { row: "Maps stacks to the caller's own source and shows no other frame", checks: mapped },
  { row: 'Reports a syntax error with file, line, column and a code frame', checks: syntax },
  { row: 'Ends the call for an error that nobody in the guest can catch', checks: leftAlone },
]
