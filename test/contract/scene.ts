import { readFileSync } from 'node:fs'
import {
  type Broker,
  type BrokerOptions,
  createBroker,
  type Execution,
  type LoadedProgram,
  type LoadOptions,
  type Running,
  type RunOptions,
  type TierId,
} from '../../src/index.ts'

/** A tier as the contract suite runs it; the isolate tier is run in both of its placements. */
export type Variant = TierId | 'isolate-inline'

/** Every tier as the contract suite runs it. */
export const VARIANTS: readonly Variant[] = ['vm', 'worker', 'isolate', 'isolate-inline', 'process']

/** One tier behind one broker, as a check sees it. Owned by whoever opened it. */
export interface Scene extends AsyncDisposable {
  readonly tier: TierId
  readonly broker: Broker
  /** Runs a program in this tier. */
  run(source: string, options?: RunOptions): Promise<Execution>
  /** Starts a program in this tier. */
  start(source: string, options?: RunOptions): Running
  /** Keeps a program warm in this tier. */
  load(source: string, options?: LoadOptions): Promise<LoadedProgram>
  /** A scene of the same tier with a broker of its own, for checks that would disturb the others. */
  apart(options?: BrokerOptions): Promise<Scene>
}

/** Opens a broker for one tier. Everything runs as trusted, which may ask for any tier, so that all run the same. */
export async function openScene(variant: Variant, options: BrokerOptions = {}): Promise<Scene> {
  const inline = variant === 'isolate-inline'
  const tier = inline ? 'isolate' : variant
  const broker = await createBroker({ ...options, ...(inline && { isolate: { placement: 'inline' } }) })
  const here = { trust: 'trusted', tier } as const
  return {
    tier,
    broker,
    run: (source, more) => broker.run(source, { ...here, ...more }),
    start: (source, more) => broker.start(source, { ...here, ...more }),
    load: (source, more) => broker.load(source, { ...here, ...more }),
    apart: (more) => openScene(variant, more),
    [Symbol.asyncDispose]: () => broker.close(),
  }
}

/** The text of a guest in `test/fixtures/guests`. */
export function guest(name: string): string {
  return readFileSync(new URL(`../fixtures/guests/${name}.js`, import.meta.url), 'utf8')
}
