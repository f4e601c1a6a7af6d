import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { EXAMPLES } from '../../examples/manifest.ts'

const run = promisify(execFile)

describe('npm start', { timeout: 60_000 }, () => {
  it('runs every example to its expected end, through every tier, and shows a table that fits a terminal', async () => {
    const { stdout, stderr } = await run(process.execPath, ['examples/start.ts'])
    const lines = stdout.trim().split('\n')
    expect(lines.filter((line) => line.startsWith('✓'))).toHaveLength(EXAMPLES.length)
    expect(stdout).not.toContain('✗')
    for (const tier of ['vm', 'worker', 'isolate', 'process']) expect(stdout).toContain(` ${tier} `)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120)
    expect(stderr.match(/^▸/gm)).toHaveLength(EXAMPLES.length)
  })

  it('prints a receipt per program with --json', async () => {
    const { stdout } = await run(process.execPath, ['examples/start.ts', '--json'])
    const receipts = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(receipts).toHaveLength(EXAMPLES.length)
    for (const receipt of receipts) expect(receipt).toMatchObject({ asExpected: true, decision: { verdict: 'route' } })
  })
})
