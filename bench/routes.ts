import type { Broker, Execution, LoadedProgram, LoadOptions, TierId, TrustLevel, Workload } from '../src/index.ts'
import { createBroker } from './subject.ts'

/** Every tier, from the weakest wall to the strongest. */
export const TIERS: readonly TierId[] = ['vm', 'worker', 'isolate', 'process']

/** The trust level and workload that lead to a tier by themselves, so that its own limits hold. */
export const ROUTES: Readonly<Record<TierId, { readonly trust: TrustLevel; readonly workload: Workload }>> = {
  vm: { trust: 'trusted', workload: 'light' },
  worker: { trust: 'trusted', workload: 'cpu' },
  isolate: { trust: 'untrusted', workload: 'light' },
  process: { trust: 'hostile', workload: 'light' },
}

/** Answers at once with what it was given. */
export const ECHO = 'export default (input) => input'

/** About sixty bytes once it is on a wire with its head, ours and by hand alike. */
export const INPUT = 'sixty bytes'

/** A broker with one program loaded, and both closed in order. */
export interface LoadedTier extends AsyncDisposable {
  readonly broker: Broker
  readonly program: LoadedProgram
}

/** Loads a program where its tier's trust level leads. Whoever asked owns it. */
export async function loadIn(tier: TierId, source: string, options: LoadOptions = {}): Promise<LoadedTier> {
  await using opened = new AsyncDisposableStack()
  const broker = opened.use(await createBroker())
  const program = opened.use(await broker.load(source, { ...ROUTES[tier], ...options }))
  const kept = opened.move()
  return { broker, program, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Insists that every call so far returned, for measurements that cannot spare the time to look at each receipt. */
export function expectAllReturned(broker: Broker): void {
  const { returned, ...others } = broker.stats().ended
  const strays = Object.entries(others).filter(([, count]) => count > 0)
  if (strays.length === 0) return
  const counts = strays.map(([kind, count]) => `${count} ${kind}`).join(' and ')
  throw new Error(`Cannot measure: of the calls ${returned} returned, and ${counts}`)
}

/** Insists that a program ended as it should: a figure for anything else would be a lie. */
export function expectEnding(execution: Execution, kind: Execution['outcome']['kind']): Execution {
  if (execution.outcome.kind === kind) return execution
  throw new Error(
    `Cannot measure: a program should have ${kind}, and its outcome is ${JSON.stringify(execution.outcome)}`,
  )
}
