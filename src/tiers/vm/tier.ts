import { NO_ISOLATION } from '../../core/isolation.ts'
import type { Tier } from '../../core/sandbox.ts'
import type { Traits } from '../../core/types.ts'
import { loopback } from '../loopback.ts'
import type { Order, Report } from '../protocol.ts'
import { realmEngine } from '../realm-engine.ts'
import { Relay } from '../relay.ts'
import { serve } from '../serve.ts'

const TRAITS: Traits = {
  boundary: 'realm',
  memory: 'between-turns',
  cpu: 'wall',
  preemptible: false,
  stopsBuiltins: false,
  syncFunctions: true,
}

/**
 * Realms in the host's own thread: order, deadlines and no host objects, but no wall against hostile code. A turn that
 * never yields holds the host up until its deadline.
 */
export const vmTier = (): Tier => {
  const [near, far] = loopback<Order, Report>()
  const relay = new Relay(near, { exclusive: false, end: () => Promise.resolve(), release: () => {} })
  serve(realmEngine('inside'), far, { syncCall: (s, name, args) => relay.callSync(s, name, args), sampling: true })
  return {
    id: 'vm',
    traits: TRAITS,
    open: async (guest, signal) => {
      await relay.ready
      return relay.open(guest, signal)
    },
    isolation: () => Promise.resolve(NO_ISOLATION),
    carriers: () => [{ pid: process.pid, threadId: 0, sandboxes: relay.size }],
    [Symbol.asyncDispose]: () => {
      relay.fail('the tier was closed')
      near.close()
      return Promise.resolve()
    },
  }
}
