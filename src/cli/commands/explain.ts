import { createBroker } from '../../index.ts'
import type { CommandOptions } from '../command-options.ts'
import { REFUSED } from '../exit-codes.ts'
import { loadProgram } from '../load-program.ts'
import { openLog } from '../open-log.ts'
import { renderDecision } from '../render-decision.ts'
import { renderDecisionJson } from '../render-receipt.ts'
import type { Terminal } from '../terminal.ts'

/** Prints where a program would run and why, without running it. Answers with the exit code. */
export async function explainProgram(file: string, given: CommandOptions, terminal: Terminal): Promise<number> {
  const { source, options, broker: brokerOptions } = await loadProgram(file, given, terminal)
  await using broker = await createBroker({ ...brokerOptions, logger: openLog(given.logLevel) })
  const decision = broker.explain(source, options)
  terminal.stdout.write(given.json === true ? renderDecisionJson(decision) : renderDecision(decision))
  return decision.verdict === 'route' ? 0 : REFUSED
}
