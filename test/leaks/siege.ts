import { readdirSync, readFileSync } from 'node:fs'
import { type Broker, createBroker, type Outcome, type TierId } from '../../src/index.ts'
import { Random } from '../chaos/random.ts'
import { eventually, grownFrom, type Held, held } from './held.ts'

const TIERS: readonly TierId[] = ['vm', 'worker', 'isolate', 'process']
const FOLDER = new URL('../fixtures/guests/', import.meta.url)
const LIMITS = {
  wallMs: 40,
  cpuMs: 40,
  memoryBytes: 32 * 2 ** 20,
  logBytes: 10_000,
  outputBytes: 10_000,
  hostCalls: 100,
}
const CONCURRENCY = 8
const HONEST_EVERY = 25
const WARM_UP = 60

/** What no tier but the two with a process of their own can end within the patience of a siege. */
const STUBBORN = ['converts-huge-bigint', 'searches-text-backwards']
/** What takes the host's own heap in the vm tier, which looks at memory between turns only. */
const HUNGRY = ['allocates-buffers', 'allocates-forever', 'fills-memory']

/** Guests a siege sends into a tier. */
function guestsFor(tier: TierId): readonly string[] {
  const all = readdirSync(FOLDER).map((file) => file.replace(/\.js$/, ''))
  const inHost = tier === 'vm' || tier === 'worker'
  return all.filter((name) => !(inHost && STUBBORN.includes(name)) && !(tier === 'vm' && HUNGRY.includes(name)))
}

/** What a siege is to do. */
export interface SiegeOptions {
  readonly runs: number
  readonly seed: number
  readonly onProgress?: (done: number) => void
}

/** What came of it. */
export interface SiegeReport {
  /** How often each kind of outcome was seen, by tier. */
  readonly endings: Readonly<Record<string, number>>
  /** Sentences about what went wrong; none when the broker held. */
  readonly faults: readonly string[]
}

/**
 * Sends hostile guests in random order through one broker, all tiers at once, with honest ones between them. The broker
 * has to give each a typed ending, answer the honest ones rightly, and hold no more afterwards than before.
 */
export async function siege({ runs, seed, onProgress }: SiegeOptions): Promise<SiegeReport> {
  const random = new Random(seed)
  const empty = held()
  const broker = await createBroker()
  const faults: string[] = []
  const endings: Record<string, number> = {}
  const note = (tier: TierId, { kind }: Outcome): void => {
    endings[`${tier} ${kind}`] = (endings[`${tier} ${kind}`] ?? 0) + 1
  }
  const send = async (count: number): Promise<void> => {
    let sent = 0
    const one = async (): Promise<void> => {
      while (sent < count) {
        const nth = ++sent
        if (nth % HONEST_EVERY === 0) faults.push(...(await dishonestOf(broker, random.pick(TIERS))))
        const tier = random.pick(TIERS)
        const name = random.pick(guestsFor(tier))
        note(tier, await attack(broker, tier, name, faults))
        if (nth % 100 === 0) onProgress?.(nth)
      }
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, one))
  }
  await send(WARM_UP)
  await eventually(() => isIdle(broker), 5000)
  const before = heldBeside(broker)
  await send(runs)
  if (!(await eventually(() => isIdle(broker), 5000))) faults.push(`still busy: ${JSON.stringify(broker.stats())}`)
  await eventually(() => grownFrom(before, heldBeside(broker)).length === 0, 10_000)
  faults.push(...grownFrom(before, heldBeside(broker)))
  for (const tier of TIERS) faults.push(...(await dishonestOf(broker, tier)))
  await broker.close()
  await eventually(() => held().children.length <= empty.children.length, 5000)
  const left = held().children.filter((pid) => !empty.children.includes(pid))
  if (left.length > 0) faults.push(`children left after the broker closed: ${left.join(', ')}`)
  return { endings, faults }
}

const isIdle = (broker: Broker): boolean => {
  const { running, queued } = broker.stats()
  return running === 0 && queued === 0
}

/** What this process holds beside the threads that the worker tier keeps for those to come, which its idle time takes back. */
function heldBeside(broker: Broker): Held {
  const kept = broker.stats().tiers.find(({ tier }) => tier === 'worker')?.carriers ?? []
  const now = held()
  return { ...now, threads: now.threads - kept.length }
}

async function attack(broker: Broker, tier: TierId, name: string, faults: string[]): Promise<Outcome> {
  const source = readFileSync(new URL(`${name}.js`, FOLDER), 'utf8')
  const functions = { started: () => undefined, note: () => undefined, echo: (value: unknown) => value }
  const { outcome } = await broker.run(source, { trust: 'trusted', tier, input: 1000, limits: LIMITS, functions })
  if (outcome.kind === 'crashed' && tier !== 'isolate') faults.push(`${name} crashed in ${tier}: ${outcome.detail}`)
  return outcome
}

/** An honest program among the hostile ones has to return what it computes, whatever its neighbours do. */
async function dishonestOf(broker: Broker, tier: TierId): Promise<readonly string[]> {
  const { outcome } = await broker.run('export default (x) => x * 2', { trust: 'trusted', tier, input: 21 })
  if (outcome.kind === 'returned' && outcome.value === 42) return []
  return [`an honest program in ${tier} ended as ${JSON.stringify(outcome)}`]
}
