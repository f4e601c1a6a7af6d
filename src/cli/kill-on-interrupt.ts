import type { Execution } from '../core/types.ts'
import type { Running } from '../index.ts'
import { KILLED } from './exit-codes.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Waits for the end of a program. Meanwhile the first Ctrl-C is the death of the guest, and the second our own. */
export async function endOrInterrupt(running: Pick<Running, 'kill' | 'result'>): Promise<Execution> {
  let interrupted = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupted) process.exit(KILLED)
    interrupted = true
    running.kill(`Interrupted by ${signal}`).catch((error: unknown) => {
      process.stderr.write(`ringfence: Cannot kill the program: ${String(error)}\n`)
      process.exit(KILLED)
    })
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  try {
    return await running.result
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}
