import type { Broker } from '../../src/broker/broker.ts'
import { createBrokerOf } from '../../src/broker/create-broker.ts'
import type { BrokerOptions } from '../../src/broker/options.ts'
import { type FakeBehaviour, FakeTier } from './fake-tier.ts'

/** A program that says nothing of what happens: the fake tiers' scripts do. */
export const SOURCE = 'export default (x) => x'

/** A broker with one fake tier, which it owns. */
export interface Scene extends AsyncDisposable {
  readonly broker: Broker
  readonly tier: FakeTier
}

/** Makes a broker with one fake tier. */
export function sceneOf(behaviour: FakeBehaviour = {}, options: BrokerOptions = {}): Scene {
  const tier = new FakeTier(behaviour)
  const broker = createBrokerOf([tier], options)
  return { broker, tier, [Symbol.asyncDispose]: () => broker.close() }
}
