import type { Services } from './services.ts'
import type { BrokerStats } from './stats.ts'

/** How a broker stands, by what it is made of. */
export function readStats({ executions, tally, basis, programs, sessions, pressure, monitor }: Services): BrokerStats {
  return {
    ...executions.counts,
    ended: tally.read(),
    tiers: Array.from(basis.tiers.values(), (tier) => ({ tier: tier.id, carriers: tier.carriers() })),
    pools: [...programs].flatMap(({ pool, subject }) => (pool === undefined ? [] : [{ ...subject, ...pool.sizes }])),
    sessions: [...sessions].flatMap((session) => {
      const { id, state, subject } = session
      return state === 'ended' ? [] : [{ id, ...subject, state, ...session.usage() }]
    }),
    host: pressure.read(),
    pressure: monitor.current,
  }
}
