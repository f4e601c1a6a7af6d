import { NO_ISOLATION } from '../../core/isolation.ts'
import type { Tier } from '../../core/sandbox.ts'
import type { Traits } from '../../core/types.ts'
import { InnerCarrier } from '../inner-carrier.ts'
import { realmEngine } from '../realm-engine.ts'

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
  const carrier = new InnerCarrier({ engine: () => realmEngine('inside'), callsDirectly: true })
  return {
    id: 'vm',
    traits: TRAITS,
    open: (guest, signal) => carrier.open(guest, signal),
    isolation: () => Promise.resolve(NO_ISOLATION),
    carriers: () => [{ pid: process.pid, threadId: 0, sandboxes: carrier.size }],
    [Symbol.asyncDispose]: () => {
      carrier.close()
      return Promise.resolve()
    },
  }
}
