import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Broker } from './broker/broker.ts'
import { issueText } from './functions/deployment.ts'
import { FunctionHost } from './functions/function-host.ts'
import { memoryControlPlane } from './functions/memory-control-plane.ts'
import { Rates } from './functions/rates.ts'
import { Registry } from './functions/registry.ts'
import { secretBox } from './functions/secret-box.ts'
import { sqliteControlPlane } from './functions/sqlite-control-plane.ts'
import { RATE } from './functions/stored.ts'
import { Tokens } from './functions/tokens.ts'
import { Turnstile, type TurnstileOptions } from './functions/turnstile.ts'
import type { Rate } from './functions/words.ts'
import { type BrokerOptions, createBroker } from './index.ts'

export { createFetchHandler, type FetchHandler, type FetchHandlerOptions } from './server/fetch-handler.ts'
export { createNodeListener, type NodeListener } from './server/node-listener.ts'

/** What `createFunctionHost` may be told. */
export interface FunctionHostOptions {
  /** The folder that keeps functions and blocks, made when it is not there. Without one they end with the host. */
  readonly data?: string
  /** What secrets are sealed with; without it, no function can have secrets. */
  readonly secretKey?: string
  /** A broker that is there already, which stays its maker's. The host makes one of its own otherwise. */
  readonly broker?: Broker | undefined
  /** How that one is made. */
  readonly brokerOptions?: BrokerOptions
  /** How many calls get through at once. */
  readonly calls?: Partial<TurnstileOptions>
  /** How many calls each tenant may make in a window of time; as many as it likes when not given. */
  readonly ratePerTenant?: Rate | undefined
}

const CALLS: TurnstileOptions = {
  calls: 16 * availableParallelism(),
  callsPerTenant: 8 * availableParallelism(),
  waiting: 1000,
  patienceMs: 10_000,
}

/**
 * Makes a host for functions. The caller owns it: disposing of it ends what runs, and closes what it made itself. Throws as
 * `createBroker` does, and `RF_BAD_STATE` when the folder's registry is not one of ours.
 */
export async function createFunctionHost(options: FunctionHostOptions = {}): Promise<FunctionHost> {
  const { data, secretKey, broker, brokerOptions, calls, ratePerTenant } = options
  if (secretKey === '') throw new RangeError('Cannot create function host: "secretKey" must not be empty')
  if (broker !== undefined && brokerOptions !== undefined) {
    throw new TypeError('Cannot create function host: "broker" and "brokerOptions" exclude each other')
  }
  if (ratePerTenant !== undefined) checkRate(ratePerTenant)
  const turns = { ...CALLS, ...calls }
  if (data !== undefined) mkdirSync(data, { recursive: true })
  await using owned = new AsyncDisposableStack()
  const plane = owned.use(
    data === undefined ? memoryControlPlane() : sqliteControlPlane(join(data, 'functions.sqlite')),
  )
  const runner =
    broker ??
    owned.use(
      await createBroker({
        maxConcurrent: turns.calls,
        ...(data !== undefined && { state: { file: join(data, 'blocks.json') } }),
        ...brokerOptions,
      }),
    )
  const registry = new Registry(plane, secretKey === undefined ? undefined : secretBox(secretKey))
  return new FunctionHost({
    broker: runner,
    registry,
    tokens: new Tokens(plane),
    turnstile: new Turnstile(turns),
    rates: new Rates(ratePerTenant),
    owned: owned.move(),
  })
}

function checkRate(rate: Rate): void {
  const { error } = RATE.safeParse(rate)
  if (error === undefined) return
  throw new RangeError(
    `Cannot create function host: "ratePerTenant" is wrong: ${error.issues.map(issueText).join('; ')}`,
  )
}
