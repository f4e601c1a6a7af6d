import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { type BrokerEvents, createBroker, type Execution, RingfenceError } from '../../src/index.ts'

/**
 * A host whose worker tier is given guests that no `terminate()` ends, and which tells what became of them. It has to be
 * ended by SIGKILL, as any such host.
 */
export interface Told {
  readonly endings: readonly string[]
  readonly killed: string
  readonly lost: readonly BrokerEvents['lost'][]
  readonly listed: number
  readonly served: string
  readonly refused: string
  readonly elsewhere: string
  readonly code: string
}

/** Over holes nobody is called, so that no interrupt is looked at: it would take months. */
const ENDLESS = 'Array.prototype.forEach.call({ length: 2 ** 53 - 1 }, () => {})'
const here = { trust: 'trusted', tier: 'worker' } as const

const endOf = ({ outcome }: Execution): string =>
  outcome.kind === 'exceeded' ? outcome.limit : outcome.kind === 'refused' ? outcome.reason : outcome.kind

const broker = await createBroker()
const lost: BrokerEvents['lost'][] = []
broker.on('lost', (event) => lost.push(event))
const stuck = [1, 2, 3].map(() => broker.run(ENDLESS, { ...here, limits: { wallMs: 100 } }))
const endings = (await Promise.all(stuck)).map(endOf)
const served = endOf(await broker.run('1', here))
const handle = broker.start(ENDLESS, here)
while (handle.usage().wallMs < 1000) await setTimeout(50)
await handle.kill('enough')
const { carriers } = broker.stats().tiers.find(({ tier }) => tier === 'worker') ?? { carriers: [] }
const code = await broker.load('export default () => 1', here).then(
  () => 'none',
  (error: unknown) => (error instanceof RingfenceError ? error.code : String(error)),
)
const told: Told = {
  endings,
  killed: endOf(await handle.result),
  lost,
  listed: carriers.filter((carrier) => carrier.lost === true).length,
  served,
  refused: endOf(await broker.run('1', here)),
  elsewhere: endOf(await broker.run('1', { ...here, tier: 'isolate' })),
  code,
}
await broker.close()
process.stdout.write(`${JSON.stringify(told)}\n`)
