import type { Broker } from '../../src/broker/broker.ts'
import { createBrokerOf } from '../../src/broker/create-broker.ts'
import type { BrokerOptions } from '../../src/broker/options.ts'
import type { HostMemory } from '../../src/broker/pressure.ts'
import { type FakeBehaviour, FakeTier } from '../broker/fake-tier.ts'
import { eventually } from '../leaks/held.ts'

export const MIB: number = 2 ** 20
export const LIMIT: number = 1000 * MIB

/** A reading of a host with plenty of room, but for what is said. The limit of its cgroup is 1000 MiB. */
export function memoryOf(cgroupMb: number, more: Partial<HostMemory> = {}): HostMemory {
  return {
    heapUsedBytes: 10 * MIB,
    heapLimitBytes: LIMIT,
    residentBytes: 10 * MIB,
    machineBytes: 10 * LIMIT,
    cgroup: { usedBytes: cgroupMb * MIB, limitBytes: LIMIT },
    ...more,
  }
}

/** A broker of fake tiers on a host whose memory the test fills. */
export interface PressedScene extends AsyncDisposable {
  readonly broker: Broker
  readonly tiers: readonly FakeTier[]
  /** From now on the cgroup holds this much, and the broker has seen it. */
  hold(mb: number): Promise<void>
  /** From now on the cgroup holds this much. */
  put(mb: number): void
  /** From now on the host's own heap holds this much, and the broker has seen it. */
  holdHeap(mb: number): Promise<void>
  /** Whether each tier was last told to keep nothing ready. */
  readonly economic: ReadonlyMap<string, boolean>
}

/** Makes one. */
export function pressedScene(options: BrokerOptions = {}, behaviours: readonly FakeBehaviour[] = [{}]): PressedScene {
  let memory = memoryOf(100)
  const economic = new Map<string, boolean>()
  const tiers = behaviours.map((behaviour) => {
    const tier = new FakeTier(behaviour)
    return Object.assign(tier, { economise: (on: boolean) => void economic.set(tier.id, on) })
  })
  const broker = createBrokerOf(tiers, options, undefined, undefined, () => memory)
  const set = async (reading: HostMemory, mb: number): Promise<void> => {
    memory = reading
    if (!(await eventually(() => broker.stats().pressure.value === mb * MIB, 10_000))) throw new Error('nobody looked')
  }
  return {
    broker,
    tiers,
    economic,
    put: (mb) => {
      memory = memoryOf(mb)
    },
    hold: (mb) => set(memoryOf(mb), mb),
    holdHeap: (mb) => set(memoryOf(100, { heapUsedBytes: mb * MIB }), mb),
    [Symbol.asyncDispose]: () => broker.close(),
  }
}
