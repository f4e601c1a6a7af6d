import { type BrokerOptions, createBroker, type Execution } from '../../src/index.ts'

/** Takes as much as it may and holds it for a while. All together they take half a gigabyte a second, which a watch can follow. */
const HUNGRY = `export default async (mb) => {
  const held = []
  const wait = (ms) => new Promise((done) => setTimeout(done, ms))
  for (; held.length < mb; await wait(40)) held.push(new Array(2 ** 17).fill(0.5))
  await wait(1000)
  return held.length
}`

/**
 * A host in a small cgroup with far more hungry guests than it holds, in shared and in own processes. Prints what became
 * of them, and whether it still serves. `unwatched` sets every threshold to the limit itself.
 */
const options: BrokerOptions = {
  maxConcurrent: 64,
  policy: {
    levels: {
      untrusted: { limits: { wallMs: 8000, cpuMs: 8000 } },
      hostile: { limits: { wallMs: 8000, cpuMs: 8000 }, isolation: 'none' },
    },
  },
  ...(process.argv[2] === 'unwatched' && { pressure: { high: 1, critical: 1, emergency: 1 } }),
}
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
  guests.map((guest) => broker.run(HUNGRY, { ...guest, input: guest.trust === 'limited' ? 100 : 50 })),
)
const told = ({ trust, outcome }: Execution): string =>
  `${trust}: ${outcome.kind}${outcome.kind === 'killed' ? ` by ${outcome.by}` : ''}`
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
