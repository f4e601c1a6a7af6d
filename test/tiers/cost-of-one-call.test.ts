import { expect, test } from 'vitest'
import { createBroker, type TierId } from '../../src/index.ts'

const WORKS = 'export default () => { const until = Date.now() + 40; while (Date.now() < until); return 1 }'

test.each<TierId>(['worker', 'isolate', 'process'])(
  'calls of the tier %s in quick succession each have their own CPU time',
  async (tier) => {
    await using broker = await createBroker()
    const limits = { cpuMs: 300 }
    await using program = await broker.load(WORKS, { trust: 'trusted', tier, limits, pool: { min: 1, max: 1 } })
    for (let call = 0; call < 12; call += 1) {
      const { outcome } = await program.call()
      expect(outcome).toEqual({ kind: 'returned', value: 1 })
    }
  },
)

test('a lower limit of one call binds the tier that blocks the host', async () => {
  await using broker = await createBroker()
  await using program = await broker.load('export default () => { for (;;); }', { trust: 'trusted', tier: 'vm' })
  const { outcome, usage } = await program.call(undefined, { limits: { wallMs: 60 } })
  expect(outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
  expect(usage.wallMs).toBeLessThan(5000)
})
