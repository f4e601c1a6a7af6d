import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createBroker } from '../../src/index.ts'

const scoreOf = (pid: number): string => readFileSync(`/proc/${pid}/oom_score_adj`, 'latin1').trim()

describe.runIf(process.platform === 'linux')('when memory runs out', () => {
  it.each(['isolate', 'process'] as const)('the kernel takes a child of the %s tier before its host', async (tier) => {
    await using broker = await createBroker()
    await using program = await broker.load('export default () => 1', {
      trust: 'trusted',
      tier,
      pool: { min: 1, max: 1 },
    })
    expect((await program.call()).outcome).toEqual({ kind: 'returned', value: 1 })
    const pids = broker
      .stats()
      .tiers.flatMap(({ carriers }) => carriers)
      .flatMap(({ pid, sandboxes }) => (pid === undefined || sandboxes === 0 ? [] : [pid]))
    expect(pids.length).toBeGreaterThan(0)
    expect(pids.map(scoreOf)).toEqual(pids.map(() => '1000'))
    expect(Number(scoreOf(process.pid))).toBeLessThan(1000)
  })
})
