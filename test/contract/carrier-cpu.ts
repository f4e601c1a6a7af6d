import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Scene } from './scene.ts'

const TICK_MS = 10
const SAMPLE_MS = 100
/** The share of a core above which a thread is at work. */
const BUSY = 0.3
/** How long a machine under load may need to start what replaces a killed carrier. */
const PATIENCE_MS = 10_000

/** Knows which threads compute, so that a check can prove that a guest's do not any more. */
export interface CpuWatch {
  /** Waits until none of these processes computes any more; a guest that runs on never lets that happen. */
  expectQuiet(pids: readonly number[]): Promise<void>
}

/**
 * Call it before the guest starts: threads that are busy already are not its own. Inline, a guest that an earlier check
 * gave up may still have one.
 */
export async function watchCpu(scene: Scene): Promise<CpuWatch> {
  const earlier = new Set((await sharesOf(pidsOf(scene))).filter(([, share]) => share > BUSY).map(([thread]) => thread))
  return {
    expectQuiet: async (pids) => {
      const start = performance.now()
      let busy = await busiest(pids, earlier)
      while (busy > BUSY && performance.now() - start < PATIENCE_MS) busy = await busiest(pids, earlier)
      assert.ok(busy <= BUSY, `a thread still used ${Math.round(busy * 100)} % of a core`)
    },
  }
}

/** The processes in which guests of a scene may run: the children of its tier, and this one with its threads. */
export function pidsOf({ broker, tier }: Scene): readonly number[] {
  const carriers = broker.stats().tiers.find((one) => one.tier === tier)?.carriers ?? []
  return [...new Set([process.pid, ...carriers.flatMap(({ pid }) => pid ?? [])])]
}

async function busiest(pids: readonly number[], except: ReadonlySet<string>): Promise<number> {
  const shares = await sharesOf(pids)
  return Math.max(0, ...shares.filter(([thread]) => !except.has(thread)).map(([, share]) => share))
}

/** How much of a core each thread of these processes uses in the next while, from 0 to 1; those gone use none. */
async function sharesOf(pids: readonly number[]): Promise<readonly (readonly [thread: string, share: number])[]> {
  const before = pids.flatMap(threadsOf).map((thread) => [thread, cpuMsOf(thread)] as const)
  const start = performance.now()
  await delay(SAMPLE_MS)
  const elapsedMs = performance.now() - start
  return before.map(([thread, cpuMs]) => [thread, ((cpuMsOf(thread) ?? cpuMs ?? 0) - (cpuMs ?? 0)) / elapsedMs])
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
  } catch {
    // The process is gone.
    return []
  }
}

/** CPU time of a thread; undefined once it is gone. */
function cpuMsOf(thread: string): number | undefined {
  try {
    const stat = readFileSync(`${thread}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  } catch {
    // The thread is gone.
    return undefined
  }
}
