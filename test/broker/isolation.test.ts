import { describe, expect, it } from 'vitest'
import { NO_ISOLATION } from '../../src/core/isolation.ts'
import type { IsolationLevel } from '../../src/core/types.ts'
import { SOURCE, sceneOf } from './scene.ts'

const report = (level: IsolationLevel) => ({
  level,
  layers: ['seccomp'],
  missing: [{ layer: 'namespaces', cause: 'bwrap is not installed', fix: 'install bubblewrap' }],
})

const demanding = (isolation: IsolationLevel) => ({ policy: { levels: { untrusted: { isolation } } } })

describe('isolation', () => {
  it('stands in every receipt, fresh and warm', async () => {
    await using scene = sceneOf({ isolation: report('basic') })
    const isolation = { level: 'basic', layers: ['seccomp'] }
    expect(await scene.broker.run(SOURCE)).toMatchObject({ outcome: { kind: 'returned' }, isolation })
    await using program = await scene.broker.load(SOURCE)
    expect(await program.call()).toMatchObject({ outcome: { kind: 'returned' }, isolation })
  })

  it('is none in the receipt of what never ran', async () => {
    await using scene = sceneOf({ isolation: report('strong') })
    expect(await scene.broker.run('export default (')).toMatchObject({ isolation: { level: 'none', layers: [] } })
  })

  it.each([
    ['none', 'none'],
    ['good', 'good'],
    ['strong', 'basic'],
  ] as const)('that was seen to be %s is enough for a demand of %s', async (seen, demanded) => {
    await using scene = sceneOf({ isolation: report(seen) }, demanding(demanded))
    const { outcome, decision } = await scene.broker.run(SOURCE)
    expect(outcome.kind).toBe('returned')
    expect(decision).toMatchObject({ isolation: demanded })
  })

  it.each([
    ['none', 'basic'],
    ['basic', 'good'],
    ['good', 'strong'],
  ] as const)('that was seen to be %s refuses a demand of %s, and opens nothing', async (seen, demanded) => {
    await using scene = sceneOf({ isolation: report(seen) }, demanding(demanded))
    const { outcome } = await scene.broker.run(SOURCE)
    expect(outcome).toEqual({
      kind: 'refused',
      reason:
        `Policy demands isolation "${demanded}", and tier "isolate" was seen to have "${seen}" here; ` +
        'missing: namespaces (bwrap is not installed; install bubblewrap)',
    })
    await expect(scene.broker.load(SOURCE, { pool: { min: 1 } })).rejects.toMatchObject({
      code: 'RF_ISOLATION_TOO_WEAK',
    })
    expect(scene.tier.openings).toBe(0)
  })

  it('is told for every tier', async () => {
    await using scene = sceneOf({ isolation: NO_ISOLATION })
    expect(await scene.broker.isolation()).toEqual([{ tier: 'isolate', level: 'none', layers: [], missing: [] }])
    await scene.broker.close()
    await expect(scene.broker.isolation()).rejects.toMatchObject({ code: 'RF_BROKER_CLOSED' })
  })
})
