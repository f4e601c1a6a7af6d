import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { TierId } from '../../src/index.ts'
import type { Measurement, Pace } from '../measurement.ts'
import { TIERS } from '../routes.ts'
import { type Row, rowsOf } from '../row.ts'

/** Enough of them that what else a process does is small beside it. */
const COUNT: Readonly<Record<TierId, number>> = { vm: 100, worker: 8, isolate: 50, process: 4 }
const ROUNDS: Readonly<Record<Pace, number>> = { full: 2, quick: 1 }

const MECHANISMS: Readonly<Record<TierId, string>> = {
  vm: 'vm context',
  worker: 'Worker',
  isolate: 'isolate + context',
  process: 'child with an isolate',
}

const run = promisify(execFile)

/** What a warm sandbox holds while nobody calls it. Each side is measured in a process of its own. */
export const idleMemory: Measurement = {
  name: 'idle-memory',
  summary: 'memory of one more idle sandbox (PSS of the host and its children)',
  tiers: existsSync('/proc/self/smaps_rollup') ? TIERS : [],
  measure: measureIdleMemory,
}

/** Both sides at once: what one process holds does not depend on what another does. */
async function measureIdleMemory(tier: TierId, pace: Pace): Promise<readonly Row[]> {
  const ours: (readonly number[])[] = []
  const theirs: (readonly number[])[] = []
  for (let round = 0; round < ROUNDS[pace]; round += 1) {
    const [our, their] = await Promise.all([weigh('ours', tier), weigh('raw', tier)])
    ours.push([our])
    theirs.push([their])
  }
  const raws = [{ mechanism: MECHANISMS[tier], rounds: theirs }]
  return rowsOf({ measurement: idleMemory.name, title: 'memory, idle sandbox', tier, unit: 'bytes', ours, raws })
}

async function weigh(side: 'ours' | 'raw', tier: TierId): Promise<number> {
  const entry = fileURLToPath(import.meta.resolve('../far/idle-memory.ts'))
  const { stdout } = await run(process.execPath, ['--expose-gc', entry, side, tier, String(COUNT[tier])])
  return z.object({ bytesEach: z.number() }).parse(JSON.parse(stdout)).bytesEach
}
