import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { returned, threw } from '../../contract/outcomes.ts'
import type { AmbushFamily } from '../ambush.ts'

const ONE = { pool: { min: 1, max: 1 } } as const

/** What one call leaves running must not reach the next, which may be another caller's. */
export const WARM: AmbushFamily = {
  name: 'what outlives a call',
  ambushes: [
    {
      title: 'timers of the call before',
      source: 'isolated-vm #273',
      why: 'work that was left over ran in the next call of the same context',
      check: async (scene, trust) => {
        const source = `let ticks = 0
          export default async (first) => {
            if (first) { setInterval(() => { ticks += 1; console.log('left over') }, 1); setTimeout(() => { throw new Error('left over') }, 2); return ticks }
            await new Promise((done) => setTimeout(done, 20))
            return ticks
          }`
        await using program = await scene.load(source, { trust, ...ONE })
        returned(await program.call(true))
        await delay(10)
        const second = await program.call(false)
        assert.deepEqual([returned(second), second.logs], [0, []])
      },
    },
    {
      title: 'rejections of the call before',
      source: 'isolated-vm #273',
      why: 'an unhandled rejection was thrown out of whatever ran when it surfaced',
      check: async (scene, trust) => {
        const source = `export default async (first) => {
          if (first) {
            Promise.reject(new Error('left over'))
            Promise.resolve().then(() => Promise.reject(undefined))
            new Promise(() => null.x)
            return 'first'
          }
          await new Promise((done) => setTimeout(done, 5))
          return 'second'
        }`
        await using program = await scene.load(source, { trust, ...ONE })
        for (let round = 0; round < 3; round += 1) {
          assert.equal(returned(await program.call(true)), 'first')
          assert.equal(returned(await program.call(false)), 'second')
        }
      },
    },
    {
      title: 'rejections in place of an answer',
      source: 'isolated-vm #273',
      why: 'the answer was lost, and the caller waited for its deadline',
      check: async (scene, trust) => {
        for (const reason of ['1', '', 'new Error("x")', '{ get message() { return 1 } }', 'Symbol()']) {
          const execution = await scene.run(`Promise.reject(${reason}); 'answer'`, { trust, limits: { wallMs: 4000 } })
          assert.equal(returned(execution), 'answer')
        }
      },
    },
    {
      title: 'an answer of the host for the call before',
      source: 'new',
      why: 'answers were told apart by a number that started again',
      check: async (scene, trust) => {
        const gates: (() => void)[] = []
        const ask = (value: number): Promise<number> => new Promise((done) => gates.push(() => done(value)))
        const source = `import { ask } from 'host'
          export default async (n) => { const p = ask(n); p.then((got) => { if (got !== n) globalThis.mixed = true }); return n === 1 ? 'left' : [await p, globalThis.mixed] }`
        await using program = await scene.load(source, { trust, functions: { ask }, ...ONE })
        assert.equal(returned(await program.call(1)), 'left')
        const second = program.call(2)
        while (gates.length < 2) await delay(1)
        for (const open of gates) open()
        assert.deepEqual(returned(await second), [2, undefined])
      },
    },
    {
      title: 'host functions called once the call has ended',
      source: 'vm2 GHSA-r4fx-v8hh-22mv',
      why: 'callbacks ran when nobody was watching any more',
      check: async (scene, trust) => {
        let calls = 0
        const functions = { act: () => void (calls += 1) }
        const source = `import { act } from 'host'
          export default () => { setTimeout(act, 1); setInterval(act, 1); new Promise((done) => setTimeout(done, 2)).then(act); return 'done' }`
        await using program = await scene.load(source, { trust, functions, ...ONE })
        returned(await program.call())
        await delay(20)
        returned(await program.call())
        await delay(20)
        assert.equal(calls, 0)
      },
    },
    {
      title: 'lines written once the call has ended',
      source: 'new',
      why: 'they were put into the receipt of another',
      check: async (scene, trust) => {
        const source = `export default async (n) => {
          const log = (text) => console.log(text)
          if (n === 1) { Promise.resolve().then(() => Promise.resolve()).then(() => Promise.resolve()).then(() => log('late')); setTimeout(log, 1, 'late'); return { then(done) { done('one'); log('late too') } } }
          await new Promise((done) => setTimeout(done, 5))
          return 'two'
        }`
        await using program = await scene.load(source, { trust, ...ONE })
        returned(await program.call(1))
        assert.deepEqual((await program.call(2)).logs, [])
      },
    },
    {
      title: 'an answer given twice',
      source: 'new',
      why: 'the second settled the next call',
      check: async (scene, trust) => {
        const source = `let held
          export default (n) => { if (n === 1) return { then(done, fail) { held = [done, fail]; done('one') } }; held[0]('forged'); held[1](new Error('forged')); return new Promise((done) => setTimeout(done, 2, 'two')) }`
        await using program = await scene.load(source, { trust, ...ONE })
        assert.equal(returned(await program.call(1)), 'one')
        assert.equal(returned(await program.call(2)), 'two')
      },
    },
    {
      title: 'a realm that was left by an error nobody caught',
      source: 'isolated-vm #314',
      why: 'the realm was used again, with whatever had been done to it',
      check: async (scene, trust) => {
        const source = `globalThis.marks = 0
          export default (bad) => { marks += 1; return bad ? new Promise(() => setTimeout(() => { throw new Error('uncaught') }, 1)) : marks }`
        await using program = await scene.load(source, { trust, ...ONE })
        assert.equal(threw(await program.call(true)).message, 'uncaught')
        assert.equal(returned(await program.call(false)), 1)
      },
    },
    {
      title: 'intrinsics poisoned for the next call',
      source: 'vm2 attack category 11',
      why: 'the input of the next call was shown to what the call before had planted',
      check: async (scene, trust) => {
        const source = `const seen = []
          export default (input) => {
            const got = seen.length
            for (const kind of [Object, Array]) for (const key of ['secret', 0, 'then', 'toJSON', 'length2'])
              Object.defineProperty(kind.prototype, key, { __proto__: null, configurable: true, get() { seen[seen.length] = key }, set(value) { seen[seen.length] = value } })
            for (const key of ['parse', 'stringify']) { const old = JSON[key]; JSON[key] = (...args) => { seen[seen.length] = args[0]; return old(...args) } }
            delete Object.prototype.then
            delete Object.prototype.toJSON
            delete Array.prototype.toJSON
            return got
          }`
        await using program = await scene.load(source, { trust, ...ONE })
        returned(await program.call({ secret: ['s3cret'] }))
        assert.equal(returned(await program.call({ secret: ['s3cret', { secret: -0 }] })), 0)
      },
    },
  ],
}
