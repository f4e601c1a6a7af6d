import { NO_ISOLATION } from '../../core/isolation.ts'
import { rememberSuccess } from '../../core/remember-success.ts'
import type { Guest, Sandbox, Tier } from '../../core/sandbox.ts'
import type { Traits } from '../../core/types.ts'
import { InnerCarrier } from '../inner-carrier.ts'
import { isolateEngine } from '../isolate-engine.ts'
import { observeWall } from '../observe-wall.ts'
import { SERVING_PACKAGES, wallOf, withGroups } from '../wall.ts'
import { type HostPoolOptions, hostPool } from './host-pool.ts'

const TRAITS: Traits = {
  boundary: 'isolate',
  memory: 'enforced',
  cpu: 'metered',
  preemptible: true,
  stopsBuiltins: true,
  syncFunctions: true,
}

/** Where isolates live: in warm child processes, or in the host itself, which a fatal error of V8 then ends. */
export type Placement = 'process' | 'inline'

/** Isolates for untrusted code, in a few shared isolate hosts, with hosts of their own for CPU-heavy work. */
export const isolateTier = (placement: Placement = 'process', hosts: HostPoolOptions = {}): Tier =>
  placement === 'inline' ? inlineTier() : hostedTier(hosts)

const hostedTier = (options: HostPoolOptions): Tier => {
  const findWall = rememberSuccess(() => withGroups(wallOf(options.jail ?? 'auto', SERVING_PACKAGES), options.cgroup))
  const lanes = { light: hostPool(findWall, options), cpu: hostPool(findWall, options) }
  return {
    id: 'isolate',
    traits: TRAITS,
    open: (guest: Guest, signal: AbortSignal, apartFrom?: Sandbox): Promise<Sandbox> =>
      lanes[guest.workload].open(guest, signal, apartFrom),
    isolation: () => observeWall(findWall(), 'shared'),
    economise: (on) => {
      lanes.light.economise(on)
      lanes.cpu.economise(on)
    },
    carriers: () => [...lanes.light.carriers(), ...lanes.cpu.carriers()],
    [Symbol.asyncDispose]: async () => {
      await Promise.all([lanes.light.close(), lanes.cpu.close()])
    },
  }
}

const inlineTier = (): Tier => {
  const carrier = new InnerCarrier({
    // ATTACK: be quick thirty times, then `Promise.reject({ get message() { for (;;); } })`. isolated-vm reads it past the
    // deadline of the turn, and on the host's own thread nobody could dispose of the isolate: the host would stand still.
    engine: () => isolateEngine({ spares: 1, turns: 'elsewhere' }),
    callsDirectly: false,
  })
  return {
    id: 'isolate',
    traits: { ...TRAITS, stopsBuiltins: false },
    open: (guest, signal) => carrier.open(guest, signal),
    isolation: () => Promise.resolve(NO_ISOLATION),
    carriers: () => [{ pid: process.pid, sandboxes: carrier.size }],
    [Symbol.asyncDispose]: () => {
      carrier.close()
      return Promise.resolve()
    },
  }
}
