import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/index.ts'

const HOST = fileURLToPath(new URL('host-under-limits.ts', import.meta.url))
const run = promisify(execFile)

interface Told {
  readonly outcomes: readonly Outcome[]
  readonly running: number
  readonly queued: number
}

/** Runs a host that may open so many descriptors. */
async function hostWith(descriptors: number): Promise<Told> {
  const { stdout } = await run('prlimit', [`--nofile=${descriptors}`, '--', process.execPath, HOST], {
    timeout: 50_000,
  })
  return JSON.parse(stdout) as Told
}

describe('a host that is out of descriptors', () => {
  it('gives each call a typed ending that names the cause, and leaves nothing that would keep it alive', async () => {
    const { outcomes, running, queued } = await hostWith(24)
    expect(outcomes).toHaveLength(12)
    expect(running + queued).toBe(0)
    const failures = outcomes.map((outcome) => {
      if (outcome.kind === 'crashed') return outcome.detail
      return outcome.kind === 'refused' ? outcome.reason : 'none'
    })
    expect(failures.filter((text) => !text.includes('EMFILE'))).toEqual([])
  })

  it('serves when it has enough of them', async () => {
    const { outcomes } = await hostWith(1024)
    expect(outcomes).toEqual(Array.from({ length: 12 }, () => ({ kind: 'returned', value: 42 })))
  })
})
