import assert from 'node:assert/strict'
import type { TrustLevel } from '../../../src/index.ts'
import { returned } from '../../contract/outcomes.ts'
import type { Scene } from '../../contract/scene.ts'
import type { AmbushFamily } from '../ambush.ts'

/** Runs the same text for two tenants, one after the other, and answers what the second got. */
async function forTwo(scene: Scene, trust: TrustLevel, source: string): Promise<unknown> {
  returned(await scene.run(source, { trust, tenant: 'first', input: 'plant' }))
  return returned(await scene.run(source, { trust, tenant: 'second', input: 'look' }))
}

/** Leaves a mark in some place that might be shared, and looks for it. */
const PLACES: readonly (readonly [place: string, plant: string, look: string])[] = [
  ['the global object', 'globalThis.mark = 1', 'globalThis.mark'],
  ['a prototype', 'Object.prototype.mark = 1', '({}).mark'],
  ['a built-in', 'Math.max = () => "mark"', 'Math.max(1) === 1 ? undefined : "mark"'],
  ['a method', 'Array.prototype.map = () => "mark"', '[1].map((x) => x)[0] === 1 ? undefined : "mark"'],
  [
    'the console',
    'console.mark = 1; console.log = 2',
    'console.mark ?? (typeof console.log === "function" ? undefined : "mark")',
  ],
  ['a timer function', 'setTimeout.mark = 1', 'setTimeout.mark'],
  ['the template objects of a tag', 'marks.add(site())', 'marks.has(site()) ? "mark" : undefined'],
  ['a regular expression literal', 'pattern().mark = 1', 'pattern().mark'],
  ['the last match', '/m(ark)/.exec("mark")', 'RegExp.$1 || undefined'],
  ['a class', 'Kept.mark = 1', 'Kept.mark'],
  ['a symbol of the registry', 'Object.prototype[Symbol.for("mark")] = 1', '({})[Symbol.for("mark")]'],
  ['a label of the console', 'console.count("mark"); console.group("mark")', 'undefined'],
]

const withPlace = (plant: string, look: string): string => `
const marks = new WeakSet()
const tag = (strings) => strings
const site = () => tag\`x\`
const pattern = () => /mark/g
class Kept {}
export default (input) => { if (input === 'plant') { ${plant}; return 'planted' } return ${look} }`

/** What one tenant does must be nowhere for another, though both run the same text. */
export const TENANTS: AmbushFamily = {
  name: 'poison between tenants',
  ambushes: [
    ...PLACES.map(([place, plant, look]) => ({
      title: `marks left in ${place}`,
      source: 'logto #9339',
      why: 'a pool was keyed by the text alone, so tenants shared its heap',
      check: async (scene: Scene, trust: TrustLevel) => {
        assert.equal(await forTwo(scene, trust, withPlace(plant, look)), undefined)
      },
    })),
    {
      title: 'marks left in a warm program',
      source: 'logto #9339',
      why: 'a pool was keyed by the text alone, so tenants shared its heap',
      check: async (scene, trust) => {
        const source = 'let calls = 0; export default () => { calls += 1; globalThis.calls = calls; return calls }'
        await using first = await scene.load(source, { trust, tenant: 'first', pool: { min: 1 } })
        await using second = await scene.load(source, { trust, tenant: 'second', pool: { min: 1 } })
        assert.equal(first.hash, second.hash)
        returned(await first.call())
        returned(await first.call())
        assert.equal(returned(await second.call()), 1)
        assert.equal(returned(await scene.run(source, { trust, tenant: 'third' })), 1)
      },
    },
    {
      title: 'programs whose parts add up to the same text',
      source: 'isolated-vm CVE-2022-39266',
      why: 'a cache answered with code of another program',
      check: async (scene, trust) => {
        const run = async (entry: string, modules: Record<string, string>): Promise<unknown> =>
          returned(await scene.run(entry, { trust, modules }))
        assert.equal(await run('import a from "m"; export default a + "1"', { m: 'export default "x"' }), 'x1')
        assert.equal(await run('import a from "m"; export default a + "1"', { m: 'export default "y"' }), 'y1')
        assert.equal(
          await run('import a from "m1"; export default a + "1"', { m1: 'export default "x"', m: '1' }),
          'x1',
        )
        assert.equal(
          await run('import a from "n"; export default a + "1"', { n: 'export default "m"', m: '"x"' }),
          'm1',
        )
      },
    },
    {
      title: 'a text taken for another kind of program',
      source: 'isolated-vm CVE-2022-39266',
      why: 'the kind was no part of what the cache was asked for',
      check: async (scene, trust) => {
        const source = 'var self = this; typeof module + typeof self'
        const as = async (kind: 'script' | 'commonjs'): Promise<unknown> =>
          (await scene.run(source, { trust, kind, filename: 'a.js' })).outcome
        assert.deepEqual(await as('script'), { kind: 'returned', value: 'undefinedobject' })
        assert.notDeepEqual(await as('commonjs'), { kind: 'returned', value: 'undefinedobject' })
        assert.deepEqual(await as('script'), { kind: 'returned', value: 'undefinedobject' })
      },
    },
    {
      title: 'functions lent to one tenant and called by another',
      source: 'new',
      why: 'doors were kept by the text of the program',
      check: async (scene, trust) => {
        const source = `export default async () => { try { return (await import('host')).who() } catch { return 'none' } }`
        const as = (who: string) => scene.run(source, { trust, tenant: who, functions: { who: () => who } })
        assert.deepEqual((await Promise.all([as('a'), as('b'), as('c')])).map(returned), ['a', 'b', 'c'])
        assert.equal(returned(await scene.run(source, { trust, tenant: 'd' })), 'none')
      },
    },
    {
      title: 'an error remembered for another',
      source: 'new',
      why: 'a program that could not be prepared was told with the names of whoever came first',
      check: async (scene, trust) => {
        const as = async (filename: string): Promise<string> =>
          JSON.stringify((await scene.run('const = secret', { trust, filename })).outcome)
        assert.match(await as('first-tenant.ts'), /first-tenant/)
        assert.doesNotMatch(await as('second-tenant.ts'), /first-tenant/)
      },
    },
  ],
}
