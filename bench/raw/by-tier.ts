import type { TierId } from '../../src/index.ts'
import type { RawChannel } from './channel.ts'
import { type ChildAnswer, startChildPipe } from './child-pipe.ts'
import { runFreshIsolate, startIsolate } from './isolate.ts'
import { startMessageThread } from './message-thread.ts'
import { startPool, type ThreadTask } from './pool-of-threads.ts'
import { runFreshVm, startVmScript } from './vm-script.ts'

/** How many tasks piscina sends ahead to a thread, where its throughput is best. */
const TASKS_AHEAD = 16

/** Starts the raw mechanisms a tier's calls stand beside. The first is the one its target names. */
export async function startRawCalls(tier: TierId): Promise<readonly RawChannel[]> {
  switch (tier) {
    case 'vm':
      return [startVmScript()]
    case 'worker':
      return [startPool('echo'), await startMessageThread()]
    case 'isolate':
      return [await startChildPipe('isolate'), startIsolate('async'), startIsolate('sync')]
    case 'process':
      return [await startChildPipe('echo')]
  }
}

/** Starts the raw mechanisms a tier's throughput stands beside: each with as many calls under way as it is given. */
export async function startRawPipelines(tier: TierId): Promise<readonly RawChannel[]> {
  switch (tier) {
    case 'vm':
      return [startVmScript()]
    case 'worker':
      return [await startMessageThread(), startPool('echo', TASKS_AHEAD)]
    case 'isolate':
    case 'process':
      return [await startChildPipe('isolate')]
  }
}

/** Starts the raw mechanism that parses and writes JSON text on the far side of the wall a tier uses. */
export async function startRawJson(tier: TierId): Promise<RawChannel> {
  const jsonTask: ThreadTask = 'json'
  const jsonAnswer: ChildAnswer = 'isolate-json'
  switch (tier) {
    case 'vm':
      return startVmScript('JSON.stringify(JSON.parse(input))')
    case 'worker':
      return startPool(jsonTask)
    case 'isolate':
    case 'process':
      return startChildPipe(jsonAnswer)
  }
}

/** Something run once in a place made for it. */
export interface RawRun {
  readonly mechanism: string
  readonly run: () => unknown
}

/** What a fresh run costs by hand. */
export function rawFreshRun(tier: TierId): RawRun {
  switch (tier) {
    case 'vm':
      return { mechanism: 'new context + run, timeout', run: runFreshVm }
    case 'worker':
      return { mechanism: 'new Worker to first answer', run: () => startedAndEnded(startMessageThread()) }
    case 'isolate':
      return { mechanism: 'new isolate + run + dispose', run: runFreshIsolate }
    case 'process':
      return { mechanism: 'spawn to first answer', run: () => startedAndEnded(startChildPipe('isolate')) }
  }
}

/** What a carrier's start costs by hand, the library's own parts included. */
export function rawFirstCall(tier: TierId): RawRun {
  if (tier === 'worker') return { mechanism: 'new Piscina to first answer', run: firstTask }
  if (tier === 'isolate') return rawFreshRun('process')
  return rawFreshRun(tier)
}

async function firstTask(): Promise<void> {
  await using pool = startPool('echo')
  await pool.call('hello')
}

async function startedAndEnded(starting: Promise<RawChannel>): Promise<void> {
  await using channel = await starting
  void channel
}
