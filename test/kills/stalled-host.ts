/**
 * A host with guests that never yield in every tier that has processes. It tells its children, and then serves on, or
 * gets stuck in a loop of its own, as it is told.
 */
import { createBroker } from '../../src/index.ts'

const [, , manner, stallMs] = process.argv
const broker = await createBroker(
  stallMs === '0' ? {} : { deadMan: { stallMs: Number(stallMs), endHost: manner === 'loops-and-ends' } },
)
const spins = `import { started } from 'host'
export default async () => { await started(); for (;;); }`
const limits = { wallMs: 30_000, cpuMs: 30_000 }

/** Starts the guest and resolves once it runs; anew where a busy machine kept this host from its loop for too long. */
async function startIn(tier: 'worker' | 'isolate' | 'process'): Promise<void> {
  const runs = Promise.withResolvers<'runs'>()
  const functions = { started: () => runs.resolve('runs') }
  const start = async (): Promise<'ended'> => {
    await broker.run(spins, { trust: 'trusted', tier, limits, functions })
    return 'ended'
  }
  while ((await Promise.race([runs.promise, start()])) === 'ended');
}

const tiers = manner === 'loops-and-ends' ? (['worker'] as const) : (['isolate', 'process'] as const)
await Promise.all(tiers.map(startIn))
const carriers = broker.stats().tiers.flatMap((tier) => tier.carriers.flatMap(({ pid }) => pid ?? []))
const children = carriers.filter((pid) => pid !== process.pid)
process.stdout.write(`${JSON.stringify(children)}\n`, () => {
  if (manner !== 'serves') for (;;);
})
setInterval(() => {}, 1000)
