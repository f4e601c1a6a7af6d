import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openScene } from '../contract/scene.ts'
import { childrenOf, eventually, held } from '../leaks/held.ts'
import { LIMITS } from './attack.ts'
import { MEMORY } from './attacks/memory.ts'

const MIB = 2 ** 20
/** What processes may keep that were at work: code, and pages that are free. Five guests that were not freed have 320 MiB. */
const SLACK_BYTES = 160 * MIB
const PATIENCE_MS = 20_000

/** Attacks that fill the heap, what lies outside it, and what is neither list nor object. */
const GREEDY = ['a map', 'a rope, read', 'closures', 'buffers, written', 'promises in a chain']

/** Resident memory of this process and of all it has started. */
function residentBytes(): number {
  held()
  return [process.pid, ...childrenOf(process.pid)].reduce((sum, pid) => sum + residentBytesOf(pid), 0)
}

function residentBytesOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024
  } catch {
    // It has ended meanwhile.
    return 0
  }
}

describe.each(['worker', 'isolate', 'isolate-inline', 'process'] as const)('the tier %s', (variant) => {
  it('gives the memory back that greedy guests took, and then its carriers', { timeout: 120_000 }, async () => {
    const children = childrenOf(process.pid)
    const scene = await openScene(variant)
    await Promise.all(Array.from({ length: 4 }, () => scene.run('1')))
    const before = residentBytes()
    for (const { source, title } of MEMORY.filter((attack) => GREEDY.includes(attack.title))) {
      const { outcome } = await scene.run(source, { limits: { ...LIMITS, memoryBytes: 64 * MIB, wallMs: 2000 } })
      expect(outcome.kind, title).not.toBe('returned')
    }
    const isBack = (): boolean => residentBytes() - before < SLACK_BYTES
    expect(await eventually(isBack, PATIENCE_MS), `${(residentBytes() - before) / MIB} MiB are kept`).toBe(true)
    expect(scene.broker.stats()).toMatchObject({ running: 0, queued: 0 })
    await scene[Symbol.asyncDispose]()
    expect(await eventually(() => childrenOf(process.pid).length <= children.length, PATIENCE_MS)).toBe(true)
  })
})
