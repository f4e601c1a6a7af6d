import type { Invocation } from '../../functions/words.ts'
import { versionName } from './names.ts'

const TAIL_BYTES = 4096

/** The last 4 KB of an invocation's log as Lambda writes it, in base64. */
export function logTail({ id, execution, durations }: Invocation, qualifier: string | undefined): string {
  const ms = durations.runMs.toFixed(2)
  const { peakMemoryBytes } = execution?.usage ?? {}
  const memory = peakMemoryBytes === undefined ? '' : `\tMax Memory Used: ${Math.ceil(peakMemoryBytes / 2 ** 20)} MB`
  const lines = (execution?.logs ?? []).map(
    ({ at, level, text }) =>
      `${new Date(at).toISOString()}\t${id}\t${level === 'log' ? 'INFO' : level.toUpperCase()}\t${text}`,
  )
  const all = [
    `START RequestId: ${id} Version: ${versionName(qualifier)}`,
    ...lines,
    `END RequestId: ${id}`,
    `REPORT RequestId: ${id}\tDuration: ${ms} ms\tBilled Duration: ${Math.ceil(durations.runMs)} ms${memory}\t\n`,
  ]
  return Buffer.from(all.join('\n')).subarray(-TAIL_BYTES).toString('base64')
}
