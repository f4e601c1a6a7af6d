import { formatBytes, formatMs } from '../src/cli/format-quantity.ts'
import { describeOutcome, renderEnding } from '../src/cli/render-ending.ts'
import { renderResult } from '../src/cli/render-result.ts'
import type { Execution, Running, Usage } from '../src/index.ts'
import type { Example } from './manifest.ts'
import type { Ended } from './run-example.ts'

const WIDTH = 100
const REFRESH_MS = 80

/** What the progress is written to. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined
  write(text: string): unknown
}

/** Shows that an example runs, on a terminal with what it has used so far, until the answer is called. */
export function showRunning({ title, trust }: Example, running: Running, output: ProgressOutput): () => void {
  const head = `▸ ${title.padEnd(15)} ${trust.padEnd(10)} ${(running.tier ?? '').padEnd(8)}`
  if (output.isTTY !== true) {
    output.write(`${head}\n`)
    return () => undefined
  }
  const draw = (): unknown => output.write(`\r\u001b[2K${clipped(`${head} ${describeUsage(running.usage())}`)}`)
  draw()
  const timer = setInterval(draw, REFRESH_MS)
  return () => {
    clearInterval(timer)
    output.write('\r\u001b[2K')
  }
}

/** Shows in one line how an example ended and what it answered. */
export function showEnded({ example, execution, asExpected }: Ended, output: ProgressOutput): void {
  const { title, trust } = example
  const head = `${asExpected ? '✓' : '✗'} ${title.padEnd(15)} ${trust.padEnd(10)} ${(execution.tier ?? '').padEnd(8)}`
  output.write(`${clipped(`${head} ${describeOutcome(execution.outcome)} ${answerOf(execution)}`)}\n`)
  if (!asExpected) output.write(`  expected ${JSON.stringify(example.expected)}\n  ${renderEnding(execution).trim()}\n`)
}

function answerOf({ outcome }: Execution): string {
  return outcome.kind === 'returned' ? renderResult(outcome.value, true).trim() : ''
}

function describeUsage({ wallMs, cpuMs, peakMemoryBytes }: Usage): string {
  const parts = [
    `wall ${formatMs(wallMs)}`,
    cpuMs === undefined ? '' : `CPU ${formatMs(cpuMs)}`,
    peakMemoryBytes === undefined ? '' : `memory ${formatBytes(peakMemoryBytes)}`,
  ]
  return parts.filter((part) => part !== '').join(' · ')
}

function clipped(line: string): string {
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH - 1)}…`
}
