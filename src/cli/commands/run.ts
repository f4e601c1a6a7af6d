import type { Execution } from '../../core/types.ts'
import { createBroker } from '../../index.ts'
import type { CommandOptions } from '../command-options.ts'
import { exitCodeOf } from '../exit-codes.ts'
import { endOrInterrupt } from '../kill-on-interrupt.ts'
import { loadProgram } from '../load-program.ts'
import { openLog } from '../open-log.ts'
import { renderEnding, renderSummary } from '../render-ending.ts'
import { renderLogs } from '../render-logs.ts'
import { renderReceipt } from '../render-receipt.ts'
import { renderResult } from '../render-result.ts'
import type { Terminal } from '../terminal.ts'

/** Runs one program and prints what came of it. Answers with the exit code. */
export async function runProgram(file: string, given: CommandOptions, terminal: Terminal): Promise<number> {
  const { source, options, broker: brokerOptions } = await loadProgram(file, given, terminal)
  const logger = openLog(given.logLevel)
  await using broker = await createBroker({ ...brokerOptions, logger })
  const running = broker.start(source, options)
  const ending = endOrInterrupt(running)
  logger.info({ id: running.id, tier: running.tier, file }, 'A program was started')
  const execution = await ending
  if (given.json === true) terminal.stdout.write(renderReceipt(execution))
  else print(execution, terminal)
  return exitCodeOf(execution.outcome)
}

function print(execution: Execution, { stdout, stderr }: Terminal): void {
  const { outcome, logs } = execution
  const talksToPerson = stderr.isTTY === true
  stderr.write(renderLogs(logs, talksToPerson))
  stderr.write(renderEnding(execution))
  if (outcome.kind === 'returned') stdout.write(renderResult(outcome.value, stdout.isTTY === true))
  if (talksToPerson) stderr.write(renderSummary(execution))
}
