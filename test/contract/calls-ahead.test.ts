import { describe, expect, it } from 'vitest'
import type { Execution, LoadedProgram, LoadOptions } from '../../src/index.ts'
import { openScene, type Variant } from './scene.ts'

/** Tiers whose far side is somewhere else, so that calls are sent ahead. */
const FAR: readonly Variant[] = ['worker', 'isolate', 'process']

/** Counts its calls, and does what it is told to. */
const GUEST = `
import { note } from 'host'
let calls = 0
export default async ({ id, act, ms = 0 }) => {
  if (act === 'note') await note(id)
  calls += 1
  if (act === 'wait') await new Promise((resolve) => setTimeout(resolve, ms))
  if (act === 'spin') { const until = Date.now() + ms; while (Date.now() < until); }
  if (act === 'hang') await new Promise(() => {})
  if (act === 'grow') { const held = []; for (;;) held.push(new Array(10_000).fill(calls)) }
  if (act === 'stray') { Promise.reject(new Error('stray')); await new Promise((resolve) => setTimeout(resolve, 50)) }
  return calls
}`

interface Act {
  readonly act: string
  readonly ms?: number
}

/** One sandbox that has been quick so far, so that whatever comes is sent ahead at once. */
async function warmed(
  variant: Variant,
  use: (program: LoadedProgram, noted: readonly string[], pids: () => readonly number[]) => Promise<void>,
  options: LoadOptions = {},
): Promise<void> {
  await using scene = await openScene(variant)
  const noted: string[] = []
  const functions = { note: (id: unknown) => void noted.push(String(id)) }
  await using program = await scene.load(GUEST, { functions, pool: { min: 1, max: 1 }, ...options })
  for (let call = 0; call < 20; call += 1) await program.call({ act: 'none' })
  const pids = (): readonly number[] =>
    scene.broker
      .stats()
      .tiers.flatMap(({ carriers }) => carriers)
      .flatMap(({ pid, sandboxes }) => (sandboxes > 0 && pid !== undefined && pid !== process.pid ? [pid] : []))
  await use(program, noted, pids)
}

const all = (program: LoadedProgram, acts: readonly Act[]): Promise<readonly Execution[]> =>
  Promise.all(acts.map((act, id) => program.call({ id, ...act })))

const times = (count: number, act: Act): readonly Act[] => Array.from({ length: count }, () => act)
const endings = (executions: readonly Execution[]): readonly string[] => executions.map(({ outcome }) => outcome.kind)
const numbers = (executions: readonly Execution[]): readonly unknown[] =>
  executions.map(({ outcome }) => (outcome.kind === 'returned' ? outcome.value : outcome))

describe.each(FAR)('calls ahead in the tier %s', (variant) => {
  it('run one after the other, in the order in which they were made', async () => {
    await warmed(variant, async (program) => {
      const executions = await all(program, times(100, { act: 'none' }))
      expect(numbers(executions)).toEqual(Array.from({ length: 100 }, (_, n) => 21 + n))
      const waits = await all(program, times(5, { act: 'wait', ms: 5 }))
      expect(numbers(waits)).toEqual([121, 122, 123, 124, 125])
    })
  })

  it('have a deadline each that counts from their start', async () => {
    const limits = { wallMs: 600, cpuMs: 600 }
    await warmed(
      variant,
      async (program) => {
        const executions = await all(program, times(5, { act: 'wait', ms: 200 }))
        expect(endings(executions)).toEqual(Array.from({ length: 5 }, () => 'returned'))
        expect(executions[4]?.usage.queuedMs).toBeGreaterThan(600)
        expect(executions[4]?.usage.wallMs).toBeLessThan(602)
        const cpu = await all(program, times(5, { act: 'spin', ms: 150 }))
        expect(endings(cpu)).toEqual(Array.from({ length: 5 }, () => 'returned'))
      },
      { limits },
    )
  })

  it('leave the others alone when one of them is killed before it starts', async () => {
    await warmed(variant, async (program, noted) => {
      const ended: string[] = []
      const runs = ['wait', 'note', 'none', 'note'].map((act, id) => program.start({ id, act, ms: 500 }))
      for (const [id, { result }] of runs.entries()) {
        void result.then(({ outcome }) => void ended.push(`${id} ${outcome.kind}`))
      }
      await runs[1]?.kill('not wanted')
      expect(ended).toEqual(['1 killed'])
      const executions = await Promise.all(runs.map(({ result }) => result))
      expect(endings(executions)).toEqual(['returned', 'killed', 'returned', 'returned'])
      expect(executions[1]?.usage.wallMs).toBe(0)
      expect(noted).toEqual(['3'])
    })
  })

  it('move when the one under way reaches its memory limit', { timeout: 30_000 }, async () => {
    const limits = { memoryBytes: 32 * 2 ** 20, wallMs: 20_000, cpuMs: 20_000 }
    await warmed(
      variant,
      async (program, noted) => {
        const executions = await all(program, [{ act: 'grow' }, ...times(5, { act: 'note' })])
        expect(executions[0]?.outcome).toEqual({ kind: 'exceeded', limit: 'memoryBytes' })
        expect(endings(executions.slice(1))).toEqual(Array.from({ length: 5 }, () => 'returned'))
        expect(noted.toSorted()).toEqual(['1', '2', '3', '4', '5'])
      },
      { limits },
    )
  })

  it('move when the one under way leaves a rejection that nobody handles', async () => {
    await warmed(variant, async (program, noted) => {
      const executions = await all(program, [{ act: 'stray' }, ...times(5, { act: 'note' })])
      expect(endings(executions)).toEqual(['threw', ...Array.from({ length: 5 }, () => 'returned')])
      expect(noted.toSorted()).toEqual(['1', '2', '3', '4', '5'])
    })
  })

  it('move when the one under way misses its deadline, and have the whole of their own', async () => {
    await warmed(variant, async (program) => {
      const head = program.call({ act: 'hang' }, { limits: { wallMs: 100 } })
      const executions = await Promise.all([head, all(program, times(5, { act: 'none' }))])
      expect(executions[0].outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
      expect(endings(executions[1])).toEqual(Array.from({ length: 5 }, () => 'returned'))
    })
  })

  it('all end when the program is disposed of', async () => {
    await warmed(variant, async (program, noted) => {
      const ending = all(program, [{ act: 'hang' }, ...times(50, { act: 'note' })])
      await program[Symbol.asyncDispose]()
      expect(new Set(endings(await ending))).toEqual(new Set(['killed']))
      expect(noted).toEqual([])
    })
  })
})

describe.each(FAR.filter((variant) => variant !== 'worker'))('calls ahead in a process of the tier %s', (variant) => {
  it('move when the process is killed, and each ends exactly once', { timeout: 30_000 }, async () => {
    await warmed(variant, async (program, noted, pids) => {
      const ended = new Map<number, number>()
      const head = program.start({ id: 0, act: 'hang' })
      const others = Array.from({ length: 40 }, (_, n) => program.start({ id: n + 1, act: 'note' }))
      for (const [n, { result }] of [head, ...others].entries()) {
        void result.then(() => ended.set(n, (ended.get(n) ?? 0) + 1))
      }
      const doomed = pids()
      expect(doomed.length).toBeGreaterThan(0)
      for (const pid of doomed) process.kill(pid, 'SIGKILL')
      const executions = await Promise.all(others.map(({ result }) => result))
      expect((await head.result).outcome.kind).toBe('crashed')
      expect(endings(executions)).toEqual(Array.from({ length: 40 }, () => 'returned'))
      expect(noted.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1))
      expect([...ended.values()]).toEqual(Array.from({ length: 41 }, () => 1))
    })
  })
})
