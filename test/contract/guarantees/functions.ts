import assert from 'node:assert/strict'
import { z } from 'zod'
import type { AuditEvent } from '../../../src/index.ts'
import type { Check, Guarantee } from '../guarantee.ts'
import { expectServing, returned, threw, valueOf } from '../outcomes.ts'

const lent: readonly Check[] = [
  {
    title: 'calls asynchronous functions with data and waits for data',
    check: async (scene) => {
      const functions = { half: async (n: number) => new Map([['half', n / 2]]) }
      const source = "import { half } from 'host'\nexport default async (n) => (await half(n)).get('half')"
      assert.equal(await valueOf(scene, source, { functions, input: 5 }), 2.5)
    },
  },
  {
    title: 'calls synchronous functions and waits without yielding',
    check: async (scene) => {
      const functions = { next: { call: (n: number) => n + 1, sync: true } }
      const source = "import { next } from 'host'\nexport default (n) => next(next(n))"
      assert.equal(await valueOf(scene, source, { functions, input: 1 }), 3)
    },
  },
  {
    title: 'runs many calls at once and gives each its own answer',
    check: async (scene) => {
      const delay = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(resolve, ms, ms))
      const source = "import { delay } from 'host'\nexport default (list) => Promise.all(list.map((ms) => delay(ms)))"
      assert.deepEqual(await valueOf(scene, source, { functions: { delay }, input: [20, 1, 10] }), [20, 1, 10])
    },
  },
  {
    title: 'lends functions under another module name, and by dynamic import and require',
    check: async (scene) => {
      const modules = { db: { functions: { get: () => 7 } } }
      const esm = "export default async () => (await import('db')).get()"
      const cjs = "const { get } = require('db')\nmodule.exports = () => get()"
      assert.deepEqual([await valueOf(scene, esm, { modules }), await valueOf(scene, cjs, { modules })], [7, 7])
    },
  },
  {
    title: 'lends nothing under a name that was not given',
    check: async (scene) => {
      const source = "import { drop } from 'host'\nexport default drop"
      const { name, message } = threw(await scene.run(source, { functions: { get: () => 1 } }))
      assert.deepEqual([name, /"drop"/.test(message)], ['SyntaxError', true])
    },
  },
]

const CATCHING = `import * as host from 'host'
  export default async (name) => {
    try { return await host[name]('x') } catch (error) {
      return [error.name, error.message, Reflect.ownKeys(error).sort().join(), error.stack, error instanceof Error]
    }
  }`

class DbError extends Error {
  override readonly name = 'DbError'
  readonly password = 'secret'
}

const failing: readonly Check[] = [
  {
    title: 'tells the guest the name and the message of what was thrown, and nothing else',
    check: async (scene) => {
      const functions = {
        query: async () => {
          throw new DbError('the database is down', { cause: new Error('secret') })
        },
      }
      const answer = JSON.stringify(await valueOf(scene, CATCHING, { functions, input: 'query' }))
      assert.match(answer, /^\["DbError","the database is down","message,name,stack",/)
      assert.doesNotMatch(answer, /secret|file:|functions\.ts|node:/)
    },
  },
  {
    title: 'does the same for synchronous functions and for what is no error',
    check: async (scene) => {
      const functions = {
        text: {
          call: () => {
            throw 'just text'
          },
          sync: true,
        },
        promise: { call: () => Promise.reject(new Error('later')), sync: true },
        unclonable: () => () => {},
      }
      const names = ['text', 'promise', 'unclonable']
      const answers = await Promise.all(names.map((input) => valueOf(scene, CATCHING, { functions, input })))
      const told = answers.map((answer) => (Array.isArray(answer) ? answer.slice(0, 2) : answer))
      assert.deepEqual(told, [
        ['Error', 'just text'],
        ['TypeError', 'Cannot call "host/promise" synchronously: it answered with a promise'],
        ['DataCloneError', 'Cannot clone value: it is a function'],
      ])
      await expectServing(scene)
    },
  },
]

const schemas: readonly Check[] = [
  {
    title: 'is a TypeError in the guest and an audit event outside, and the function is not called',
    check: async (scene) => {
      const events: AuditEvent[] = []
      const stop = scene.broker.on('audit', (event) => events.push(event))
      let calls = 0
      const call = (): number => (calls += 1)
      const functions = { lookup: { call, args: z.tuple([z.string().max(3)]) } }
      const source = `import { lookup } from 'host'
        export default async () => { try { return await lookup(5) } catch (error) { return [error.name, error.message] } }`
      const execution = await scene.run(source, { functions })
      stop()
      const told = returned(execution)
      assert.ok(Array.isArray(told))
      assert.equal(told[0], 'TypeError')
      assert.match(String(told[1]), /^Cannot call "host\/lookup": argument 1: /)
      assert.equal(calls, 0)
      const [event] = events
      assert.equal(events.length, 1)
      assert.ok(event?.kind === 'argument-mismatch')
      assert.deepEqual([event.id, event.function], [execution.id, 'host/lookup'])
    },
  },
  {
    title: 'lets arguments pass that fit, as the schema makes them',
    check: async (scene) => {
      const args = z.tuple([z.string().transform((text) => text.toUpperCase())])
      const functions = { lookup: { call: (sku: string) => sku, args, sync: true } }
      const source = "import { lookup } from 'host'\nexport default () => lookup('tea')"
      assert.equal(await valueOf(scene, source, { functions }), 'TEA')
    },
  },
]

/** What the host lends. */
export const FUNCTIONS: readonly Guarantee[] = [
  { row: 'Calls functions of the host, asynchronously and synchronously', checks: lent },
  { row: 'Checks their arguments against a schema', checks: schemas },
  { row: 'Tells a guest no more of a host error than name and message', checks: failing },
]
