import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { LoadedProgram } from '../../../src/index.ts'
import type { Check, Guarantee } from '../guarantee.ts'
import { expectServing, returned, valueOf } from '../outcomes.ts'
import { guest, type Scene } from '../scene.ts'

const ONE = { min: 1, max: 1 }

async function counted(program: LoadedProgram, input?: unknown): Promise<unknown> {
  return returned(await program.call(input))
}

/** A sandbox whose guest counts its calls is used twice, once badly, and then counts from one again. */
const startsAnew = (how: string, input: string, kind: string): Check => ({
  title: `gives up the sandbox of a call that ${how}`,
  check: async (scene: Scene) => {
    const options = { pool: ONE, limits: { wallMs: 400, outputBytes: 10_000, logBytes: 1000 } }
    await using program = await scene.load(guest('counts-calls-or-fails'), options)
    assert.deepEqual([await counted(program), await counted(program)], [1, 2])
    const { outcome } = await program.call(input)
    assert.equal(outcome.kind, kind, JSON.stringify(outcome))
    assert.equal(await counted(program), 1)
  },
})

const warm: readonly Check[] = [
  {
    title: 'keeps the state of a sandbox between its calls',
    check: async (scene) => {
      await using program = await scene.load(guest('counts-calls'), { pool: ONE })
      assert.deepEqual([await counted(program), await counted(program), await counted(program)], [1, 2, 3])
    },
  },
  {
    title: 'keeps the sandbox of a call that threw',
    check: async (scene) => {
      await using program = await scene.load(guest('counts-calls-or-fails'), { pool: ONE })
      assert.equal(await counted(program), 1)
      assert.equal((await program.call('throw')).outcome.kind, 'threw')
      assert.equal(await counted(program), 3)
    },
  },
  startsAnew('reached its deadline', 'spin', 'exceeded'),
  startsAnew('returned too much', 'output', 'exceeded'),
  startsAnew('wrote too much', 'log', 'exceeded'),
  startsAnew('left a rejection unhandled', 'reject', 'threw'),
  startsAnew('failed in a timer', 'timer', 'threw'),
  {
    title: 'gives up the sandbox of a call that was killed',
    check: async (scene) => {
      await using program = await scene.load(guest('counts-calls-or-fails'), { pool: ONE })
      assert.equal(await counted(program), 1)
      const running = program.start('wait')
      while (running.usage().wallMs === 0) await delay(1)
      await running.kill('enough')
      assert.equal(await counted(program), 1)
    },
  },
  {
    title: 'ends the timers of a call with the call',
    check: async (scene) => {
      await using program = await scene.load(guest('leaves-interval'), { pool: ONE })
      assert.equal(await counted(program), 0)
      await delay(50)
      assert.equal(await counted(program), 0)
    },
  },
  {
    title: 'serves many calls at once, each with its own answer',
    check: async (scene) => {
      await using program = await scene.load(guest('echoes'), { pool: { min: 1, max: 3 } })
      const inputs = Array.from({ length: 12 }, (_, n) => ({ n }))
      assert.deepEqual(await Promise.all(inputs.map((input) => counted(program, input))), inputs)
    },
  },
]

const MARKS = `export default () => {
  const seen = [typeof globalThis.mark, typeof Array.prototype.mark, typeof console.mark, Math.max(1, 2)]
  globalThis.mark = 1
  Array.prototype.mark = 1
  console.mark = 1
  Math.max = () => 'changed'
  return seen
}`

const fresh: readonly Check[] = [
  {
    title: 'shows a run nothing of what another left behind',
    check: async (scene) => {
      const clean = ['undefined', 'undefined', 'undefined', 2]
      assert.deepEqual([await valueOf(scene, MARKS), await valueOf(scene, MARKS)], [clean, clean])
    },
  },
  {
    title: 'shows two programs nothing of each other',
    check: async (scene) => {
      await using first = await scene.load(MARKS, { pool: ONE })
      await counted(first)
      assert.deepEqual(await valueOf(scene, MARKS), ['undefined', 'undefined', 'undefined', 2])
    },
  },
]

const GOOD = 'export default (n) => new Promise((resolve) => setTimeout(resolve, 300, n))'
const BAD = [
  'spins',
  'spins-in-promises',
  'throws-spinning-message',
  'rejects-unhandled',
  'throws-in-timer',
  'recurses',
]

const ENDLESS = new Set(['spins', 'spins-in-promises', 'throws-spinning-message'])

const neighbours: readonly Check[] = [
  {
    title: 'lets guests go on that run while others in the same tier end badly',
    check: async (scene) => {
      const good = [1, 2, 3].map((input) => scene.run(GOOD, { input }))
      const bad = BAD.map((name) => scene.run(guest(name), { limits: { wallMs: ENDLESS.has(name) ? 100 : 10_000 } }))
      const endings = (await Promise.all(bad)).map(({ outcome }) => outcome.kind)
      assert.deepEqual(endings, ['exceeded', 'exceeded', 'exceeded', 'threw', 'threw', 'threw'])
      assert.deepEqual((await Promise.all(good)).map(returned), [1, 2, 3])
      await expectServing(scene)
    },
  },
]

/** Where guests live, and beside whom. */
export const SANDBOXES: readonly Guarantee[] = [
  { row: 'Gives every run a fresh realm', checks: fresh },
  { row: 'Keeps a loaded program warm, and never reuses a sandbox that ended badly', checks: warm },
  { row: 'Lets neighbours in the same tier go on when a guest ends badly', checks: neighbours },
]
