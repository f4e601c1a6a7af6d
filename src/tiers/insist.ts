import ivm from 'isolated-vm'

/** So much later than Node's own watchdog, which in nearly every case has ended the turn by then. */
const GRACE_MS = 20
/**
 * The least it waits. isolated-vm starts a thread for a timer that is due before all others, and keeps it until the last one
 * given to it would have been due: short deadlines among long ones would leave threads behind. See
 * docs/discoveries/timers-that-keep-threads.md.
 */
const LEAST_MS = 100
const TIMED_OUT = 'Script execution timed out.'

let work: (() => void) | undefined
let entry: ivm.Reference<() => void> | undefined

/**
 * Runs what has a deadline of its own, and breaks it off when that deadline did nothing. Answers undefined then.
 *
 * ATTACK: `for (;;) Promise.reject().catch(() => {})`. Node's `timeout` asks V8 once to end what runs. When that finds V8 in
 * Node's own function for rejections (or in the one for stacks), it is that function that ends, the guest goes on, and nobody
 * asks again: the host's thread would be lost for ever. isolated-vm asks until the guest has ended. See
 * docs/discoveries/a-termination-that-is-swallowed.md.
 */
export const insist = <T>(deadlineMs: number, run: () => T): T | undefined => {
  let result: T | undefined
  work = () => {
    result = run()
  }
  entry ??= new ivm.Reference(() => work?.())
  try {
    entry.applySync(undefined, [], { timeout: Math.max(LEAST_MS, deadlineMs + GRACE_MS) })
  } catch (error) {
    if (!(error instanceof Error) || error.message !== TIMED_OUT) throw error
  } finally {
    work = undefined
  }
  return result
}
