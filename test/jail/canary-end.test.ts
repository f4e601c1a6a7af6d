import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { expect, it } from 'vitest'

it('a canary whose host died ends, though nothing confines it', { timeout: 30_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-canary-test-'))
  try {
    const bait = {
      folder,
      secret: join(folder, 'none'),
      socket: join(folder, 'none'),
      parent: process.pid,
      tcp: 9,
      udp: 9,
    }
    const entry = new URL('../../src/jail/canary-entry.ts', import.meta.url).pathname
    const canary = spawn(process.execPath, [entry, JSON.stringify(bait)], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    })
    const pipe = canary.stdio[3] as Duplex
    const [tracks] = await once(pipe, 'data')
    expect(JSON.parse(String(tracks))).toHaveProperty('done')
    const gone = once(canary, 'exit')
    pipe.destroy()
    await gone
    expect(canary.exitCode).toBe(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
