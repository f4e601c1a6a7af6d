import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'
import type { Composed } from './compose.ts'
import type { Ending } from './judge.ts'

const PATIENCE_MS = 10_000
const CRASHED: Ending = { ended: 'other', name: 'Crash', message: 'the child has ended' }
const ENDING = z.object({ ended: z.enum(['returned', 'threw', 'other']), name: z.string(), message: z.string() })

/** Bare realms in a child that is made anew when a test does not end. One test at a time. */
export class BareRealms implements Disposable {
  #child: ChildProcess | undefined

  async run(test: Composed): Promise<Ending> {
    const child = this.#start()
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), PATIENCE_MS)
    try {
      child.send(test)
      const ended = once(child, 'exit', { signal: late.signal }).then(() => [CRASHED])
      const [verdict]: readonly unknown[] = await Promise.race([once(child, 'message', { signal: late.signal }), ended])
      if (verdict === CRASHED) this[Symbol.dispose]()
      return ENDING.parse(verdict)
    } catch {
      // It did not answer in time: whatever it does, it is of no use any more.
      this[Symbol.dispose]()
      return { ended: 'other', name: 'Timeout', message: `no answer in ${PATIENCE_MS} ms` }
    } finally {
      clearTimeout(timer)
      late.abort()
    }
  }

  #start(): ChildProcess {
    this.#child ??= fork(new URL('bare-entry.ts', import.meta.url), {
      execArgv: ['--experimental-vm-modules', '--no-warnings'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    return this.#child
  }

  [Symbol.dispose](): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}
