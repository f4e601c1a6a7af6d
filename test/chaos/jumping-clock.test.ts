import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Outcome, Usage } from '../../src/index.ts'

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const CC = '/usr/bin/cc'
const run = promisify(execFile)
/** What nothing here may take, however busy the machine; a jump would be hours. */
const CEILING_MS = 20_000

interface Told {
  /** How often the wall clock was seen to jump. */
  readonly jumps: number
  readonly calls: readonly {
    readonly tier: string
    readonly guest: 'honest' | 'endless' | 'waits' | 'looks'
    readonly outcome: Outcome
    readonly usage: Usage
    readonly tookMs: number
  }[]
  readonly quarantined: Outcome
  readonly keptIdle: number
  readonly idleMs: number
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-clock-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Where JavaScript's own clock jumps. */
async function inJavaScript(): Promise<Told> {
  const args = ['--import', fileOf('jumping-clock.ts'), fileOf('host-with-jumping-clock.ts')]
  return JSON.parse((await run(process.execPath, args)).stdout) as Told
}

/** Where the system's clock does, for the host, all its threads, and its children of the process tier. */
async function inTheSystem(): Promise<Told> {
  const library = join(folder, 'jumping-clock.so')
  execFileSync(CC, ['-O1', '-shared', '-fPIC', '-o', library, fileOf('jumping-clock.c')])
  const env = { ...process.env, LD_PRELOAD: library }
  const args = [fileOf('host-with-jumping-clock.ts'), '/usr/bin/env', `LD_PRELOAD=${library}`]
  return JSON.parse((await run(process.execPath, args, { env })).stdout) as Told
}

const ENDINGS: Readonly<Record<Told['calls'][number]['guest'], Outcome>> = {
  honest: { kind: 'returned', value: 42 },
  endless: { kind: 'exceeded', limit: 'wallMs' },
  waits: { kind: 'returned', value: 42 },
  looks: { kind: 'returned', value: true },
}

const CLOCKS: readonly (readonly [where: string, tell: () => Promise<Told>])[] = [
  ['JavaScript sees it', inJavaScript],
  // Where there is no compiler to make such a clock, the first is what remains.
  ...(existsSync(CC) ? [['the host, its threads and its children see it', inTheSystem] as const] : []),
]

describe.concurrent('a host whose clock jumps by hours', () => {
  it.each(CLOCKS)('keeps deadlines, timers, quarantine, idle times and receipts where %s', async (_, tell) => {
    const { jumps, calls, quarantined, keptIdle, idleMs } = await tell()
    expect(jumps).toBeGreaterThan(20)
    expect(calls).toHaveLength(16)
    for (const { tier, guest, outcome, usage, tookMs } of calls) {
      expect({ tier, guest, outcome }).toEqual({ tier, guest, outcome: ENDINGS[guest] })
      for (const ms of [usage.wallMs, usage.startMs, usage.queuedMs, usage.cpuMs ?? 0]) {
        expect(ms, `${tier} ${guest}: ${JSON.stringify(usage)}`).toBeGreaterThanOrEqual(0)
        expect(ms, `${tier} ${guest}: ${JSON.stringify(usage)}`).toBeLessThanOrEqual(tookMs)
      }
      expect(tookMs).toBeLessThan(CEILING_MS)
    }
    const endless = calls.filter(({ guest }) => guest === 'endless')
    expect(Math.min(...endless.map(({ usage }) => usage.wallMs))).toBeGreaterThanOrEqual(600)
    expect(quarantined.kind).toBe('refused')
    expect(keptIdle).toBe(1)
    expect(idleMs).toBeGreaterThanOrEqual(900)
    expect(idleMs).toBeLessThan(CEILING_MS)
  })
})
