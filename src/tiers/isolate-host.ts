import { RingfenceError } from '../core/errors.ts'
import type { CarrierStats } from '../core/sandbox.ts'
import { withoutPaths } from '../core/without-paths.ts'
import type { ControlGroup } from '../jail/control-group.ts'
import { CALLS_AHEAD } from './calls-ahead.ts'
import { type Child, type ChildPlan, NotStarted, spawnChild } from './child.ts'
import { BROKEN_FRAME, framePort } from './frames.ts'
import type { Port } from './port.ts'
import type { Order } from './protocol.ts'
import { Relay } from './relay.ts'

/** A spawn that has not answered by then is ended: too low a limit can hang Node at start without an error. */
const HANDSHAKE_MS = 10_000

/** A child process with isolates in it, ready to open sandboxes. */
export interface IsolateHost {
  readonly relay: Relay
  readonly child: Child
  /** Resident memory when it was ready and held no guest. */
  readonly baselineBytes: number
  /** The control group it is alone in, if it is in one; it goes with the child. */
  readonly group: ControlGroup | undefined
}

/** Starts a child and waits for its handshake. Rejects with `RF_CARRIER_FAILED`; nothing is left running then. */
export const startHost = async (
  plan: ChildPlan,
  exclusive: boolean,
  onEnd: (host: Relay, cause: string) => void,
): Promise<IsolateHost> => {
  const group = plan.group
  const child = await spawn(plan)
  let broken: string | undefined
  const onBroken = (cause: string): void => {
    broken ??= cause
  }
  const end = async (): Promise<void> => {
    const cause = broken ?? 'its process was ended by SIGKILL'
    const stopped = child.stop()
    relay.retire(cause)
    await stopped
    relay.fail(cause)
  }
  const relay: Relay = new Relay(
    portTo(child, onBroken),
    { exclusive, ahead: CALLS_AHEAD, end, release: () => (exclusive ? child.end() : undefined) },
    (cause) => {
      void child.end()
      onEnd(relay, cause)
    },
  )
  void child.gone.then((cause) => {
    // The kernel was quicker than the look that would have found it.
    if (group?.ranOut() === true) relay.exceed('memoryBytes')
    relay.fail(broken ?? cause)
    void group?.remove()
  })
  const deadline = setTimeout(() => {
    relay.fail(`it did not answer within ${HANDSHAKE_MS} ms`)
  }, HANDSHAKE_MS)
  try {
    await relay.ready
  } finally {
    clearTimeout(deadline)
  }
  return { relay, child, baselineBytes: child.residentBytes() ?? 0, group }
}

/**
 * A pipe closes before its process is reaped; how the process went says more than that the pipe closed, and less than
 * what was wrong in the pipe, for which we end it ourselves.
 */
const portTo = (child: Child, onBroken: (cause: string) => void): Port<Order> => {
  const port = framePort<Order>(child.pipe)
  return {
    ...port,
    listen: (onMessage, onClose) => {
      port.listen(onMessage, (cause) => {
        if (cause.startsWith(BROKEN_FRAME)) onBroken(cause)
        void child.end().then(async () => onClose(await child.gone))
      })
    },
  }
}

const spawn = async (plan: ChildPlan): Promise<Child> => {
  try {
    return spawnChild(plan)
  } catch (cause) {
    void plan.group?.remove()
    const why = cause instanceof NotStarted ? await cause.why : String(cause)
    throw new RingfenceError('RF_CARRIER_FAILED', `Cannot start a carrier: ${withoutPaths(why)}`, { cause })
  }
}

/** What `broker.stats()` shows of a host. */
export const hostStats = ({ relay, child }: IsolateHost): CarrierStats => {
  const residentBytes = child.residentBytes()
  return { pid: child.pid, sandboxes: relay.size, ...(residentBytes === undefined ? {} : { residentBytes }) }
}
