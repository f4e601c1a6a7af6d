import { createBroker, type OpenOptions } from '../../index.ts'
import type { CommandOptions } from '../command-options.ts'
import { loadProgram } from '../load-program.ts'
import { openLog } from '../open-log.ts'
import { Prompt } from '../prompt.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

/** Evaluates the texts of the standard input in one session, after a program if one is named. Answers with the exit code. */
export async function openPrompt(file: string | undefined, given: CommandOptions, terminal: Terminal): Promise<number> {
  if (file === '-') throw new UsageError('Cannot read the program from the standard input, which holds the texts')
  const from = file === undefined ? { ...terminal, stdin: noLines() } : terminal
  const { source, options, broker: brokerOptions } = await loadProgram(file ?? '-', given, from)
  await using broker = await createBroker({ ...brokerOptions, logger: openLog(given.logLevel) })
  const program: OpenOptions = options
  await using session = await broker.open(source, program)
  return await new Prompt(session, terminal).run()
}

async function* noLines(): AsyncGenerator<string> {}
