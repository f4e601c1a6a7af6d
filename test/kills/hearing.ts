import type { Broker } from '../../src/index.ts'

/** Answers what was told of an execution by now, in the order it was told. */
export type Hearing = (id: string) => readonly string[]

/** Listens to everything that a broker tells of executions. */
export function listenTo(broker: Broker): Hearing {
  const told = new Map<string, string[]>()
  for (const name of ['audit', 'memory', 'ended'] as const) {
    broker.on(name, ({ id }) => told.set(id, [...(told.get(id) ?? []), name]))
  }
  return (id) => told.get(id) ?? []
}
