import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Scene } from './scene.ts'

const TICK_MS = 10

/** CPU time of a process; undefined once it is gone. */
function cpuMsOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  } catch {
    // The process is gone.
    return undefined
  }
}

/** The processes in which guests of a scene may run: the children of its tier, and this one with its threads. */
export function pidsOf({ broker, tier }: Scene): readonly number[] {
  const carriers = broker.stats().tiers.find((one) => one.tier === tier)?.carriers ?? []
  return [...new Set([process.pid, ...carriers.flatMap(({ pid }) => pid ?? [])])]
}

/** How long a machine under load may need to start what replaces a killed carrier. */
const PATIENCE_MS = 10_000

/** Waits until none of these processes computes any more; a guest that runs on never lets that happen. */
export async function expectQuiet(pids: readonly number[]): Promise<void> {
  const start = performance.now()
  let share = await busiest(pids, 100)
  while (share > 0.3 && performance.now() - start < PATIENCE_MS) share = await busiest(pids, 100)
  assert.ok(share <= 0.3, `a process still used ${Math.round(share * 100)} % of a core`)
}

/** How much of a core the busiest of these processes used in the next while, from 0 to 1; those gone use none. */
async function busiest(pids: readonly number[], ms: number): Promise<number> {
  const before = new Map(pids.map((pid) => [pid, cpuMsOf(pid)]))
  const start = performance.now()
  await delay(ms)
  const elapsedMs = performance.now() - start
  const used = pids.map((pid) => (cpuMsOf(pid) ?? 0) - (before.get(pid) ?? Number.POSITIVE_INFINITY))
  return Math.max(0, ...used) / elapsedMs
}
