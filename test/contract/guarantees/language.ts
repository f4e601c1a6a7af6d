import assert from 'node:assert/strict'
import type { Check, Guarantee } from '../guarantee.ts'
import { returned, threw, valueOf } from '../outcomes.ts'
import { guest, type Scene } from '../scene.ts'

const logging: readonly Check[] = [
  {
    title: 'formats as Node does and tells the level of each line',
    check: async (scene) => {
      const { logs } = await scene.run(guest('writes-console'))
      assert.deepEqual(
        logs.map(({ level, text }) => [level, text]),
        [
          ['log', "n = 3 { a: [ 1, 'two' ] }"],
          ['error', 'bad'],
          ['warn', 'careful'],
          ['debug', 'detail'],
          ['info', 'for your information'],
        ],
      )
    },
  },
  {
    title: 'tells when each line was written',
    check: async (scene) => {
      const before = Date.now()
      const source = `export default async () => {
        console.log('early')
        await new Promise((resolve) => setTimeout(resolve, 20))
        console.log('late')
      }`
      const { logs } = await scene.run(source)
      const [early = 0, late = 0] = logs.map(({ at }) => at)
      assert.ok(before <= early && early + 15 <= late && late <= Date.now(), `${before} ${early} ${late}`)
    },
  },
  {
    title: 'has groups, counters, tables and assertions',
    check: async (scene) => {
      const source = `export default () => {
        console.group('outer'); console.log('inner'); console.groupEnd()
        console.count(); console.assert(false, 'no'); console.assert(true, 'yes'); console.table([{ a: 1 }])
      }`
      const { logs } = await scene.run(source)
      const texts = logs.map(({ text }) => text)
      assert.deepEqual(texts.slice(0, 4), ['outer', '  inner', 'default: 1', 'Assertion failed: no'])
      assert.match(texts[4] ?? '', /│ \(index\) │ a │/)
    },
  },
  {
    title: 'keeps the lines of a guest that ends badly',
    check: async (scene) => {
      const { logs } = await scene.run('export default () => { console.log("last words"); throw new Error("x") }')
      assert.deepEqual(
        logs.map(({ text }) => text),
        ['last words'],
      )
    },
  },
]

const time: readonly Check[] = [
  {
    title: 'runs timers in the order of their time, with their arguments',
    check: async (scene) => {
      const source = `export default () => new Promise((resolve) => {
        const order = []
        setTimeout((name) => { order.push(name); resolve(order) }, 30, 'third')
        setTimeout(() => order.push('second'), 10)
        setTimeout(() => order.push('first'))
        clearTimeout(setTimeout(() => order.push('never'), 5))
      })`
      assert.deepEqual(await valueOf(scene, source), ['first', 'second', 'third'])
    },
  },
  {
    title: 'repeats an interval until it is cleared',
    check: async (scene) => {
      const source = `export default () => new Promise((resolve) => {
        let ticks = 0
        const id = setInterval(() => {
          ticks += 1
          if (ticks === 3) { clearInterval(id); setTimeout(() => resolve(ticks), 10) }
        }, 1)
      })`
      assert.equal(await valueOf(scene, source), 3)
    },
  },
  {
    title: 'runs microtasks before timers, and waits as long as it was told',
    check: async (scene) => {
      const source = `export default () => new Promise((resolve) => {
        const order = []
        const start = Date.now()
        setTimeout(() => resolve([...order, 'timer', Date.now() - start >= 19]), 20)
        queueMicrotask(() => order.push('queued'))
        Promise.resolve().then(() => order.push('promised'))
        order.push('at once')
      })`
      assert.deepEqual(await valueOf(scene, source), ['at once', 'queued', 'promised', 'timer', true])
    },
  },
  {
    title: 'clones deeply, and refuses to clone a function',
    check: async (scene) => {
      const source = `export default () => {
        const value = { at: new Date(0), list: [1n] }
        value.self = value
        const clone = structuredClone(value)
        let refusal
        try { structuredClone(() => {}) } catch ({ name }) { refusal = name }
        return [clone !== value, clone.self === clone, clone.at.getTime(), clone.list, refusal]
      }`
      assert.deepEqual(await valueOf(scene, source), [true, true, 0, [1n], 'DataCloneError'])
    },
  },
]

async function expectRefused(scene: Scene, source: string, specifier: string): Promise<void> {
  const { outcome } = await scene.run(source, { modules: { stats: 'export const sum = 1' } })
  assert.ok(outcome.kind === 'refused' && outcome.reason.includes(`"${specifier}"`), JSON.stringify(outcome))
}

const REFUSED_IMPORTS: readonly (readonly [source: string, specifier: string])[] = [
  ['import { readFileSync } from "node:fs"\nexport default 1', 'node:fs'],
  ['import "fs"\nexport default 1', 'fs'],
  ['export * from "node:child_process"', 'node:child_process'],
  ['module.exports = () => require("child_process")', 'child_process'],
  ['import "../../etc/passwd"\nexport default 1', '../../etc/passwd'],
  ['import "file:///etc/passwd"\nexport default 1', 'file:///etc/passwd'],
  ['import "data:text/javascript,1"\nexport default 1', 'data:text/javascript,1'],
  ['import { lookup } from "host"\nexport default lookup', 'host'],
]

const imports: readonly Check[] = [
  {
    title: 'links the modules that were given, by name and by relative path',
    check: async (scene) => {
      const modules = {
        stats: 'export { sum as total } from "./lib/sum.ts"; export default 7',
        './lib/sum.ts': 'export const sum = (xs: number[]): number => xs.reduce((a, b) => a + b, 0)',
      }
      const source = `import seven, * as stats from 'stats'
        export default async (xs) => [stats.total(xs), seven, (await import('stats')).total([1])]`
      assert.deepEqual(await valueOf(scene, source, { modules, input: [1, 2] }), [3, 7, 1])
    },
  },
  {
    title: 'evaluates a module once, waits for its top level, and allows circles',
    check: async (scene) => {
      const modules = {
        './a.js':
          'import { b } from "./b.js"; globalThis.runs = (globalThis.runs ?? 0) + 1; export const a = () => b + 1',
        './b.js': 'import "./a.js"; await null; export const b = 41',
      }
      const source =
        'import { a } from "./a.js"\nimport "./b.js"\nexport default async () => [a(), runs, import.meta.url]'
      assert.deepEqual(await valueOf(scene, source, { modules }), [42, 1, 'guest:program.ts'])
    },
  },
  ...REFUSED_IMPORTS.map(([source, specifier]) => ({
    title: `refuses ${source.replace(/\n.*/s, '')} before anything runs, by name`,
    check: (scene: Scene) => expectRefused(scene, source, specifier),
  })),
  {
    title: 'finds nothing else by dynamic import either, not even under a name that was put together',
    check: async (scene) => {
      for (const source of [
        'export default () => import("node:fs")',
        'export default (name) => import("node:" + name)',
      ]) {
        const { message } = threw(await scene.run(source, { input: 'fs' }))
        assert.equal(message, 'Cannot find module "node:fs" imported from "program.ts"')
      }
    },
  },
]

const kinds: readonly Check[] = [
  {
    title: 'runs TypeScript modules, calling the export that was named',
    check: async (scene) => {
      const source =
        'enum Rate { Low = 7 }\nexport const tax = (n: number): number => n * Rate.Low\nexport default null'
      assert.equal(returned(await scene.run(source, { export: 'tax', input: 6 })), 42)
      assert.equal(await valueOf(scene, source), null)
    },
  },
  {
    title: 'runs CommonJS modules',
    check: async (scene) => {
      const modules = { './rates': 'exports.low = 7' }
      const source = 'const { low } = require("./rates")\nmodule.exports = (n) => n * low'
      assert.equal(await valueOf(scene, source, { modules, input: 6 }), 42)
    },
  },
  {
    title: 'runs plain scripts, whose value is that of the last expression',
    check: async (scene) => {
      assert.equal(await valueOf(scene, 'const low = 7\ninput * low', { input: 6 }), 42)
    },
  },
]

/** What a guest finds in its realm. */
export const LANGUAGE: readonly Guarantee[] = [
  { row: 'Runs ES modules, CommonJS modules and scripts, in JavaScript and TypeScript', checks: kinds },
  { row: 'Imports what the caller gave, and refuses everything else by name', checks: imports },
  { row: 'Has a console whose lines arrive with level and time', checks: logging },
  { row: 'Has timers, queueMicrotask and structuredClone', checks: time },
]
