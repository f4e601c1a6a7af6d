import type { Ending, HostFunctions, Sandbox } from '../../src/core/sandbox.ts'
import type { LogEntry } from '../../src/core/types.ts'
import { callOf, type FarSide, farSide, guestOf } from './far-side.ts'

const never = new AbortController().signal

/** Opens a sandbox, which the far side says is open. */
export async function opened(far: FarSide, functions?: HostFunctions): Promise<Sandbox> {
  const s = far.orders.filter(([{ t }]) => t === 'open').length
  const opening = far.relay.open(guestOf(functions), never)
  far.say({ t: 'opened', s })
  return opening
}

/** A call that has started, and its far side. */
export interface UnderWay {
  readonly far: FarSide
  readonly sandbox: Sandbox
  readonly ending: Promise<Ending>
  readonly logs: LogEntry[]
  out(...records: string[]): void
}

/** A call under way in sandbox 0. */
export async function underWay(functions?: HostFunctions, exclusive = false): Promise<UnderWay> {
  const far = farSide({ exclusive })
  const sandbox = await opened(far, functions)
  const logs: LogEntry[] = []
  const ending = sandbox.run(callOf(logs))
  return { far, sandbox, ending, logs, out: (...records) => far.say({ t: 'out', s: 0 }, records.join('')) }
}
