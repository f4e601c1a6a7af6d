import { setTimeout as pause } from 'node:timers/promises'
import vm from 'node:vm'
import type { TierId } from '../../src/index.ts'
import { type ChildAnswer, type RawChild, startChildPipe } from './child-pipe.ts'
import { makeIsolate, runFreshIsolate } from './isolate.ts'
import { startMessageThread } from './message-thread.ts'
import { runFreshVm } from './vm-script.ts'

/** A guest that does not come back, ended by hand at a deadline. */
export interface Killed {
  /** From the deadline until the host had control and nothing of the guest ran. */
  readonly overMs: number
  /** From then until the next answer. */
  readonly nextMs: number
}

/** How a guest does not come back: a loop, or a built-in that nothing inside a process can stop. */
export type Manner = 'spin' | 'stick'

/** One way to end a guest by hand. */
export interface RawKill {
  readonly mechanism: string
  /** Ends one guest after `wallMs`. */
  take(wallMs: number): Promise<Killed>
}

/** The way a tier's guests would be ended by hand. */
export function rawKill(tier: TierId, manner: Manner): RawKill {
  if (manner === 'stick') return byChild('isolate', manner)
  switch (tier) {
    case 'vm':
      return { mechanism: 'Script.runInContext, timeout', take: killInVm }
    case 'worker':
      return { mechanism: 'timer + worker.terminate()', take: killThread }
    case 'isolate':
      return { mechanism: 'apply here, timeout', take: killInIsolate }
    case 'process':
      return byChild('echo', manner)
  }
}

const spin = new vm.Script('for (;;);')

async function killInVm(wallMs: number): Promise<Killed> {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY)
  return timed(
    wallMs,
    async () => {
      try {
        spin.runInContext(context, { timeout: wallMs })
      } catch {
        // The timeout is what is being timed.
      }
    },
    async () => runFreshVm(),
  )
}

async function killInIsolate(wallMs: number): Promise<Killed> {
  const { isolate, enter } = makeIsolate('() => { for (;;); }')
  const killed = await timed(
    wallMs,
    async () => {
      await enter.apply(undefined, [''], { timeout: wallMs }).catch(() => {})
    },
    async () => runFreshIsolate(),
  )
  isolate.dispose()
  return killed
}

async function killThread(wallMs: number): Promise<Killed> {
  await using owned = new AsyncDisposableStack()
  const thread = owned.use(await startMessageThread())
  return await timed(
    wallMs,
    async () => {
      void thread.call('spin')
      await pause(wallMs)
      await thread[Symbol.asyncDispose]()
    },
    async () => void owned.use(await startMessageThread()),
  )
}

function byChild(answer: ChildAnswer, manner: Manner): RawKill {
  return { mechanism: 'timer + SIGKILL', take: (wallMs) => killChild(answer, manner, wallMs) }
}

async function killChild(answer: ChildAnswer, manner: Manner, wallMs: number): Promise<Killed> {
  await using owned = new AsyncDisposableStack()
  const child: RawChild = owned.use(await startChildPipe(answer))
  return await timed(
    wallMs,
    async () => {
      void child.call(manner)
      await pause(wallMs)
      await child.kill()
    },
    async () => void owned.use(await startChildPipe(answer)),
  )
}

async function timed(wallMs: number, end: () => Promise<void>, next: () => Promise<void>): Promise<Killed> {
  const since = performance.now()
  await end()
  const back = performance.now()
  await next()
  return { overMs: back - since - wallMs, nextMs: performance.now() - back }
}
