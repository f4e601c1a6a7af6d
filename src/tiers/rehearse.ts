import type { Engine } from './engine.ts'
import { FarSandbox } from './far-sandbox.ts'
import type { Report } from './protocol.ts'
import { REHEARSAL_CONFIG, REHEARSAL_INPUT, REHEARSAL_SCRIPT } from './rehearsal.ts'

const MEMORY_BYTES = 64 * 2 ** 20
const PATIENCE_MS = 1000

/**
 * Serves a program of ours before the first guest comes. Functions are compiled when they are first called, so a child
 * that has served nothing yet would spend several milliseconds of its first guest's time on that.
 */
export const rehearse = async (engine: Engine): Promise<void> => {
  const answered = Promise.withResolvers<void>()
  const post = ({ t }: Report): void => {
    if (t === 'out' || t === 'ended' || t === 'failed') answered.resolve()
  }
  const sandbox = new FarSandbox(0, { post, listen: () => {}, close: () => {} })
  await sandbox.open(
    { t: 'open', s: 0, memoryBytes: MEMORY_BYTES, config: REHEARSAL_CONFIG, partition: '' },
    REHEARSAL_SCRIPT,
    engine,
    undefined,
  )
  sandbox.call(
    { t: 'call', c: 0, s: 0, wallMs: PATIENCE_MS, cpuMs: PATIENCE_MS, name: 'default', mayCut: false },
    REHEARSAL_INPUT,
  )
  await answered.promise
  await sandbox.close()
}
