import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createBroker } from '../../src/index.ts'
import { firstWords } from './first-words.ts'

const SCRIPT = fileURLToPath(new URL('./blocking-host.ts', import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-state-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Runs the host until a while after its first change, and kills it. Answers with what it was told to be done. */
async function killedHost(file: string, afterMs: number): Promise<readonly string[]> {
  const host = spawn(process.execPath, [SCRIPT, file], { stdio: ['ignore', 'pipe', 'ignore'] })
  const gone = once(host, 'close')
  let told = ''
  host.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString()
  })
  await firstWords(host.stdout)
  await delay(afterMs)
  host.kill('SIGKILL')
  await gone
  return told.split('\n').slice(0, -1)
}

it.each([0, 7, 23, 61])('a host killed %d ms into its changes leaves every change it was told of', async (afterMs) => {
  const file = join(folder, 'blocks.json')
  const told = await killedHost(file, afterMs)
  const blocked = new Set(told.filter((line) => line.startsWith('+')).map((line) => line.slice(1)))
  for (const line of told) if (line.startsWith('-')) blocked.delete(line.slice(1))
  await using broker = await createBroker({ state: { file } })
  const found = new Set(broker.blocked().map(({ scope }) => ('tenant' in scope ? scope.tenant.slice(7) : '')))
  // The change under way when it died may have been made or not: its block, or the lifting of its block.
  const differing =
    [...blocked].filter((nth) => !found.has(nth)).length + [...found].filter((nth) => !blocked.has(nth)).length
  expect(blocked.size).toBeGreaterThan(0)
  expect(differing).toBeLessThanOrEqual(1)
  expect(readFileSync(file, 'utf8')).toMatch(/\}\n$/)
})

it('a blocked tenant is refused by the process that comes after the one that was killed', async () => {
  const file = join(folder, 'blocks.json')
  await killedHost(file, 0)
  await using broker = await createBroker({ state: { file } })
  const { outcome } = await broker.run('1 + 1', { tenant: 'tenant 0' })
  expect(outcome).toEqual({ kind: 'refused', reason: 'Blocked for tenant "tenant 0": incident 7' })
})
