import { type BrokerOptions, createBroker, type Execution, type Outcome } from '../../src/index.ts'

/** Takes as much as it may and holds it for a while. Slowly enough for a watch to follow all of them, on a busy machine too. */
const HUNGRY = `export default async ({ mb, pauseMs, holdMs }) => {
  const held = []
  const wait = (ms) => new Promise((done) => setTimeout(done, ms))
  for (; held.length < mb; await wait(pauseMs)) held.push(new Array(2 ** 17).fill(0.5))
  await wait(holdMs)
  return held.length
}`

/** How the host is to look after its memory: as a watch only, by reservations of all that is allowed, or not at all. */
const PRESSURE: Readonly<Record<string, BrokerOptions['pressure']>> = {
  watched: { overcommit: 1000 },
  reserved: { overcommit: 1 },
  unwatched: { high: 1, critical: 1, emergency: 1, overcommit: 1000 },
}

/**
 * A host in a small cgroup with far more hungry guests than it holds, in shared and in own processes. Prints what became
 * of them, and whether it still serves.
 */
const options: BrokerOptions = {
  maxConcurrent: 64,
  policy: {
    levels: {
      untrusted: { limits: { wallMs: 20_000, cpuMs: 8000 } },
      limited: { limits: { wallMs: 20_000, cpuMs: 8000 } },
      hostile: { limits: { wallMs: 20_000, cpuMs: 8000 }, isolation: 'none' },
    },
  },
  pressure: PRESSURE[process.argv[2] ?? 'watched'] ?? {},
}
const [pauseMs, holdMs] = process.argv[2] === 'watched' ? [120, 1000] : [5, 200]
await using broker = await createBroker(options)
const levels: string[] = []
broker.on('pressure', ({ level }) => levels.push(level))
const guests = [
  ...Array.from({ length: 6 }, () => ({ trust: 'hostile', limits: { memoryBytes: 64 * 2 ** 20 } }) as const),
  ...Array.from({ length: 10 }, () => ({ trust: 'untrusted', limits: { memoryBytes: 64 * 2 ** 20 } }) as const),
  ...Array.from(
    { length: 6 },
    () => ({ trust: 'limited', tier: 'isolate', limits: { memoryBytes: 128 * 2 ** 20 } }) as const,
  ),
]
const receipts = await Promise.all(
  guests.map((guest) =>
    broker.run(HUNGRY, { ...guest, input: { mb: guest.trust === 'limited' ? 60 : 50, pauseMs, holdMs } }),
  ),
)
const detailOf = (outcome: Outcome): string => {
  if (outcome.kind === 'killed') return ` by ${outcome.by}`
  return outcome.kind === 'exceeded' ? ` ${outcome.limit}` : ''
}
const told = ({ trust, outcome }: Execution): string => `${trust}: ${outcome.kind}${detailOf(outcome)}`
const counts: Record<string, number> = {}
for (const receipt of receipts) counts[told(receipt)] = (counts[told(receipt)] ?? 0) + 1
const after: string[] = []
for (const trust of ['trusted', 'untrusted', 'hostile'] as const) {
  let outcome = (await broker.run('6 * 7', { trust })).outcome
  for (let tries = 0; outcome.kind === 'refused' && tries < 10; tries += 1) {
    outcome = (await broker.run('6 * 7', { trust })).outcome
  }
  after.push(outcome.kind === 'returned' ? String(outcome.value) : JSON.stringify(outcome))
}
process.stdout.write(`${JSON.stringify({ counts, after, levels })}\n`)
