import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ROOT } from '../source-tree.ts'

async function bench(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['bench/main.ts', ...args], { cwd: ROOT })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

const summarySchema = z.strictObject({
  median: z.number().positive(),
  p50: z.number().positive(),
  p99: z.number().positive(),
  rounds: z.int().positive(),
  samples: z.int().positive(),
})

const targetSchema = z.strictObject({
  of: z.enum(['ratio', 'median', 'p99']),
  bound: z.enum(['atMost', 'atLeast']),
  value: z.number(),
  met: z.boolean(),
})

const reportSchema = z.strictObject({
  pace: z.literal('quick'),
  subject: z.literal('sources'),
  startedAt: z.iso.datetime(),
  durationMs: z.number().positive(),
  machine: z.strictObject({
    node: z.literal(process.version),
    v8: z.literal(process.versions.v8),
    isolatedVm: z.string().regex(/^\d+\.\d+\.\d+/),
    piscina: z.string().regex(/^\d+\.\d+\.\d+/),
    platform: z.string(),
    cpu: z.string(),
    cpus: z.int().positive(),
    memoryBytes: z.number().positive(),
  }),
  loadBefore: z.number(),
  loadAfter: z.number(),
  rows: z.array(
    z.strictObject({
      measurement: z.string(),
      title: z.string(),
      tier: z.enum(['vm', 'worker', 'isolate', 'process']).optional(),
      unit: z.enum(['ms', 'perSecond', 'bytes']),
      ours: summarySchema,
      raw: z.strictObject({ mechanism: z.string(), figures: summarySchema, ratio: z.number().optional() }).optional(),
      targets: z.array(targetSchema),
    }),
  ),
  failures: z.tuple([]),
})

describe('the benchmark', { timeout: 60_000 }, () => {
  it('prints one JSON document, tells its progress beside it, and leaves nothing running', async () => {
    const { code, stdout, stderr } = await bench('--quick', '--sources', '--only', 'decision', '--json')
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    const { rows } = reportSchema.parse(JSON.parse(stdout))
    expect(rows.map(({ title, tier, targets }) => [title, tier, targets.length])).toEqual([
      ['decision for a known program', undefined, 1],
    ])
    expect(stderr).toContain('decision for a known program: ')
  })

  it('compares a tier with what stands by hand, in a table', async () => {
    const { code, stdout } = await bench('--quick', '--sources', '--only', 'warm-call', '--tier', 'vm')
    expect(code).toBe(0)
    expect(stdout).toMatch(/warm call +vm .* × .*Script\.runInContext, timeout/)
  })

  it.each([['--tier', 'vmm'], ['--only', 'speed'], ['--fast'], ['decision']])(
    'refuses a command line it does not understand: %s %s',
    async (...args) => {
      const { code, stdout, stderr } = await bench(...args)
      expect(code).toBe(2)
      expect(stdout).toBe('')
      expect(stderr).toContain('error: ')
    },
  )

  it('names every measurement in its help', async () => {
    const { code, stdout } = await bench('--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ {2}deadline-builtin +a built-in/m)
  })
})
