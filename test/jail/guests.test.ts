import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Broker, createBroker, type TierId } from '../../src/index.ts'
import type { JailKind } from '../../src/jail/find-jail.ts'
import { systemTools } from '../../src/jail/tools.ts'
import { guest } from '../contract/scene.ts'

const KINDS: readonly JailKind[] = systemTools().bwrap === undefined ? ['landlock'] : ['namespaces', 'landlock']
const TIERS: readonly TierId[] = ['isolate', 'process']
const MIB = 2 ** 20

describe.each(KINDS)('in the jail %s', (jail) => {
  let broker: Broker
  beforeAll(async () => {
    broker = await createBroker({ process: { jail }, isolate: { jail } })
  })
  afterAll(() => broker.close())

  describe.each(TIERS)('of the tier %s', (tier) => {
    const run = (source: string, limits = {}) =>
      broker.run(source, {
        trust: 'trusted',
        tier,
        input: 21,
        limits: { wallMs: 300, memoryBytes: 32 * MIB, ...limits },
      })

    it.each([
      ['spins', { kind: 'exceeded', limit: 'wallMs' }],
      ['converts-huge-bigint', { kind: 'exceeded' }],
      ['echoes', { kind: 'returned', value: 21 }],
    ])('a guest that %s ends as it does anywhere', async (name, ending) => {
      expect((await run(guest(name))).outcome).toMatchObject(ending)
    })

    it.each([
      ['allocates-forever', { kind: 'exceeded', limit: 'memoryBytes' }],
      ['allocates-buffers', { kind: 'threw', error: { name: 'RangeError' } }],
    ])('a guest that %s is stopped by its own limit of memory, not by its jail’s', async (name, ending) => {
      expect((await run(guest(name), { wallMs: 20_000, cpuMs: 20_000 })).outcome).toMatchObject(ending)
    })

    it('a guest with a large limit has all of it', async () => {
      const source = 'export default () => new Uint8Array(300 * 2 ** 20).fill(1).length'
      const { outcome } = await run(source, { wallMs: 20_000, cpuMs: 20_000, memoryBytes: 512 * MIB })
      expect(outcome).toEqual({ kind: 'returned', value: 300 * MIB })
    })

    it('a killed guest is ended at once', async () => {
      const running = broker.start(guest('spins'), {
        trust: 'trusted',
        tier,
        limits: { wallMs: 20_000, cpuMs: 20_000 },
      })
      setTimeout(() => void running.kill('enough'), 100)
      expect((await running.result).outcome).toMatchObject({ kind: 'killed', reason: 'enough' })
    })
  })
})
