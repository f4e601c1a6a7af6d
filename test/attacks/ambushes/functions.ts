import assert from 'node:assert/strict'
import type { RunOptions, TrustLevel } from '../../../src/index.ts'
import { returned } from '../../contract/outcomes.ts'
import type { Scene } from '../../contract/scene.ts'
import type { AmbushFamily } from '../ambush.ts'

type Functions = NonNullable<RunOptions['functions']>

/** Runs the body of a guest that was lent `functions`, each under its own name, and gives what it returned. */
async function lend(scene: Scene, trust: TrustLevel, functions: Functions, body: string): Promise<unknown> {
  const source = `import * as host from 'host'\nexport default async (input) => { ${body} }`
  return returned(await scene.run(source, { trust, functions }))
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : []

/** Host functions are the one door, so what goes through it is looked at from both sides. */
export const FUNCTIONS: AmbushFamily = {
  name: 'receivers and arguments of host functions',
  ambushes: [
    {
      title: 'a receiver of the guest’s choice',
      source: 'vm2 attack category 54',
      why: 'a sloppy function of the host used the this it was called with',
      check: async (scene, trust) => {
        const seen: unknown[] = []
        const functions = {
          f: {
            call(this: unknown) {
              seen.push(this)
              return 1
            },
            sync: true,
          },
        }
        await lend(
          scene,
          trust,
          functions,
          `host.f.call({ evil: 1 }); host.f.apply(globalThis, []); new Proxy(host.f, {})()`,
        )
        assert.equal(seen.length, 3)
        assert.doesNotMatch(seen.flatMap(keysOf).join(), /evil|setTimeout/)
      },
    },
    {
      title: 'arguments with getters, methods and prototypes',
      source: 'vm2 attack category 6',
      why: 'the host was given live objects of the guest',
      check: async (scene, trust) => {
        const seen: unknown[][] = []
        const functions = { f: (...args: unknown[]) => void seen.push(args) }
        const body = `class Mine { constructor() { this.a = 1 } get b() { return 2 } toString() { return 'x' } }
          let n = 0
          await host.f(new Mine(), { get c() { return ++n } }, Object.create({ inherited: 1 }), Object.assign([1], { name: 'x' }))`
        await lend(scene, trust, functions, body)
        const [[mine, getter, heir, list] = []] = seen
        assert.ok([mine, getter, heir].every(isPlain))
        assert.ok(Array.isArray(list) && Object.getPrototypeOf(list) === Array.prototype)
        assert.deepEqual([mine, keysOf(heir)], [{ a: 1 }, []])
        const held = Object.getOwnPropertyDescriptor(getter, 'c')
        assert.equal(typeof held?.value, 'number')
      },
    },
    {
      title: 'callbacks as arguments',
      source: 'vm2 GHSA-2v2p-6j97-cjg9',
      why: 'the host called a function of the guest with its own objects',
      check: async (scene, trust) => {
        let calls = 0
        const functions = { f: () => void (calls += 1) }
        const body = `const refused = []
          for (const bad of [() => {}, { a: () => {} }, [class {}], new Map([[() => {}, 1]]), Promise.resolve(), Symbol()])
            await host.f(bad).catch((error) => refused.push(error.name))
          return refused.join()`
        assert.equal(await lend(scene, trust, functions, body), Array(6).fill('DataCloneError').join())
        assert.equal(calls, 0)
      },
    },
    {
      title: 'results and inputs that the guest changes',
      source: 'vm2 attack category 20',
      why: 'a write to the result was a write to the host',
      check: async (scene, trust) => {
        const config = { list: [1], deep: { a: 1 } }
        const body = `const got = await host.get(); got.list.push(2); got.deep.a = 'x'; got.__proto__.polluted = 1; Object.setPrototypeOf(got.list, null); input.list.length = 0; delete input.deep`
        const source = `import * as host from 'host'\nexport default async (input) => { ${body} }`
        returned(await scene.run(source, { trust, functions: { get: () => config }, input: config }))
        assert.deepEqual(config, { list: [1], deep: { a: 1 } })
      },
    },
    {
      title: 'what hangs on an error of the host',
      source: 'vm2 GHSA-m283-3h24-438v',
      why: 'causes and stacks of the host came along',
      check: async (scene, trust) => {
        const fail = (): never => {
          throw Object.assign(new TypeError('shown', { cause: new Error('host-canary cause') }), {
            secret: 'host-canary',
          })
        }
        const body = `const texts = []
          for (const f of [host.later, host.now]) try { await f() } catch (error) { for (const key of Reflect.ownKeys(error)) texts.push(String(key), String(error[key])) }
          return texts.join(' ')`
        const text = await lend(scene, trust, { later: async () => fail(), now: { call: fail, sync: true } }, body)
        assert.match(String(text), /shown/)
        assert.doesNotMatch(String(text), /host-canary|functions\.ts|node:/)
      },
    },
    {
      title: 'errors of the host that lie',
      source: 'vm2 attack category 49',
      why: 'name and message of the error chose what was made in the guest',
      check: async (scene, trust) => {
        const error = (name: string): Error => Object.assign(new Error('line\nbreak'), { name })
        const functions = { f: (name: unknown) => Promise.reject(error(String(name))) }
        const body = `const seen = []
          for (const name of ['__proto__', 'constructor', 'Function', 'a\\nb', '']) await host.f(name).catch((e) => seen.push(Object.getPrototypeOf(e) === Error.prototype))
          return seen.join()`
        assert.equal(await lend(scene, trust, functions, body), Array(5).fill('true').join())
      },
    },
    {
      title: 'thenables as results',
      source: 'vm2 attack category 53',
      why: 'the answer was awaited with functions of the guest',
      check: async (scene, trust) => {
        // oxlint-disable-next-line unicorn/no-thenable -- it is the attack
        const functions = { f: () => ({ then: (done: (value: unknown) => void) => done({ a: 1 }) }) }
        assert.deepEqual(await lend(scene, trust, functions, 'return host.f()'), { a: 1 })
      },
    },
    {
      title: 'results with getters of the host',
      source: 'new',
      why: 'what a getter throws was an error of the host',
      check: async (scene, trust) => {
        const result = {
          get a(): never {
            throw new Error('no')
          },
        }
        const body = `const seen = []
          for (const f of [host.later, host.now]) try { await f() } catch (e) { seen.push(e instanceof Error, e.message) }
          return seen.join()`
        const functions = { later: async () => result, now: { call: () => result, sync: true } }
        assert.equal(await lend(scene, trust, functions, body), 'true,no,true,no')
      },
    },
    {
      title: 'a host function that runs the guest again',
      source: 'vm2 attack category 33',
      why: 'the bridge was entered while it was at work',
      check: async (scene, trust) => {
        const inner = 'import { f } from "host"; export default async (n) => (n === 0 ? "end" : f(n - 1))'
        const f = async (n: number): Promise<unknown> =>
          returned(await scene.run(inner, { trust, functions: { f }, input: n }))
        assert.equal(await f(3), 'end')
      },
    },
    {
      title: 'a synchronous host function that starts the guest again',
      source: 'vm2 attack category 33',
      why: 'the realm was entered while it was in a turn',
      check: async (scene, trust) => {
        const later: Promise<unknown>[] = []
        const source = 'import { f } from "host"; export default (n) => (n === 0 ? "end" : f(n))'
        const f = (n: number): number => {
          later.push(program.call(n - 1).then(returned))
          return n
        }
        const functions = { f: { call: f, sync: true } }
        await using program = await scene.load(source, { trust, functions, pool: { min: 1, max: 1 } })
        assert.equal(returned(await program.call(2)), 2)
        for (let at = 0; at < later.length; at += 1) await later[at]
        assert.deepEqual(await Promise.all(later), [1, 'end'])
      },
    },
    {
      title: 'more calls than were allowed',
      source: 'new',
      why: 'the count was kept where the guest could reach it',
      check: async (scene, trust) => {
        let calls = 0
        const source = `import { f } from 'host'
          export default async () => { const all = []; for (let i = 0; i < 100; i++) try { all.push(f(i).catch(() => {})) } catch {} await Promise.all(all) }`
        const options = { trust, functions: { f: () => void (calls += 1) }, limits: { hostCalls: 5, wallMs: 4000 } }
        const { outcome } = await scene.run(source, options)
        assert.deepEqual(outcome, { kind: 'exceeded', limit: 'hostCalls' })
        assert.ok(calls <= 5, `${calls} calls were made`)
      },
    },
    {
      title: 'a function that was not granted, by the name of one that was',
      source: 'vm2 GHSA-8hr7-r645-pc6w',
      why: 'an allow-list compared what was not the name',
      check: async (scene, trust) => {
        const functions = { ok: () => 'ok' }
        const body = `const seen = []; for (const name of ['__proto__', 'constructor', 'toString', 'ok\\n', 'ok ', 'host/ok', '']) seen.push(typeof host[name]); return seen.join()`
        assert.equal(await lend(scene, trust, functions, body), Array(7).fill('undefined').join())
      },
    },
  ],
}
