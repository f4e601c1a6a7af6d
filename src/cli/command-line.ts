import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { z } from 'zod'
import { type ErrorCode, RingfenceError } from '../core/errors.ts'
import {
  type BundleCommandOptions,
  type CommandOptions,
  type DoctorOptions,
  withBundleOptions,
  withProgramOptions,
  withPromptOptions,
} from './command-options.ts'
import { BAD_USAGE, CRASHED, REFUSED } from './exit-codes.ts'
import { ServerRefusal } from './function-client.ts'
import { addFunctionCommands, type FunctionActions } from './function-commands.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'
import { visibleText } from './visible-text.ts'

/** What one command does once the line is understood. Answers with the exit code. */
export type Action = (file: string, options: CommandOptions, terminal: Terminal) => Promise<number>

/** What `bundle` does once its line is understood. */
export type Bundling = (path: string, options: BundleCommandOptions, terminal: Terminal) => Promise<number>

/** What `doctor` does once its line is understood. */
export type Examination = (options: DoctorOptions, terminal: Terminal) => Promise<number>

/** What `repl` does once its line is understood. */
export type Prompting = (file: string | undefined, options: CommandOptions, terminal: Terminal) => Promise<number>

/** The actions behind the commands, passed in so that the line can be tested without running anything. */
export interface Actions extends FunctionActions {
  readonly run: Action
  readonly explain: Action
  readonly repl: Prompting
  readonly bundle: Bundling
  readonly doctor: Examination
}

const EXAMPLES = `
Examples:
  ringfence run rule.ts --trust trusted --input '{"sku":"A-1","quantity":3}'
  ringfence run upload.js --limit wallMs=500ms --limit memoryBytes=32MiB --json
  ringfence run report.ts --module ./format.ts=lib/format.ts --input @data.json
  echo '6 * 7' | ringfence run - --trust hostile
  ringfence explain upload.js --workload cpu
  ringfence bundle ./report --out report.js && ringfence run report.js
  ringfence repl --trust limited --tier isolate
  ringfence doctor
  ringfence serve
  ringfence dev functions --trust limited
  ringfence deploy hello.ts && ringfence invoke hello --input '{"name":"Ada"}'

Exit codes:
  0 returned   1 threw   2 bad usage   3 refused   4 exceeded a limit   5 killed   6 crashed
`

/** Understands a command line and does what it says. Never throws; answers with the exit code. */
export async function runCommandLine(args: readonly string[], actions: Actions, terminal: Terminal): Promise<number> {
  let code = 0
  const act = (action: Action) => async (file: string, options: CommandOptions) => {
    code = await action(file, options, terminal)
  }
  const program = new Command('ringfence')
    .description(
      'Runs JavaScript and TypeScript its host did not write, behind a wall as strong as its trust requires.',
    )
    .version(readVersion())
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'ringfence: ')),
    })
  withProgramOptions(program.command('run').description('run a program and print its result')).action(act(actions.run))
  withProgramOptions(
    program.command('explain').description('say where a program would run and why, without running it'),
  ).action(act(actions.explain))
  withPromptOptions(
    program.command('repl').description('evaluate texts one after the other in one sandbox that keeps its state'),
  ).action(async (file: string | undefined, options: CommandOptions) => {
    code = await actions.repl(file, options, terminal)
  })
  withBundleOptions(
    program.command('bundle').description('make one program of a file or folder and the dependencies installed for it'),
  ).action(async (path: string, options: BundleCommandOptions) => {
    code = await actions.bundle(path, options, terminal)
  })
  program
    .command('doctor')
    .description('show what walls this machine gives, what is missing, and how to mend it')
    .option('--policy <file>', 'the policy of the operator, a JSON document')
    .option('--json', 'print one line of JSON on the standard output, and nothing else there')
    .action(async (options: DoctorOptions) => {
      code = await actions.doctor(options, terminal)
    })
  addFunctionCommands(program, actions, terminal, async (ended) => {
    code = await ended
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    return report(error, terminal)
  }
}

/** What can be mended by whoever wrote the command line. */
const CALLERS_FAULTS: readonly ErrorCode[] = ['RF_BAD_POLICY', 'RF_CANNOT_BUNDLE']

/** What the library says of an option it was given, as `Cannot run program: "fetch.hosts" must be …`. */
const isOptionFault = (error: unknown): error is Error =>
  (error instanceof TypeError || error instanceof RangeError) && /^Cannot \w+ program: "/.test(error.message)

/** Commander has printed its own complaint by the time it throws; everything else is told here, in one line. */
function report(error: unknown, { stderr }: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_USAGE
  if (error instanceof UsageError || isOptionFault(error)) {
    stderr.write(`ringfence: ${visibleText(error.message)}\n`)
    return BAD_USAGE
  }
  if (error instanceof ServerRefusal) {
    stderr.write(`ringfence: ${visibleText(error.message)}\n`)
    return error.status < 500 && error.status !== 429 ? BAD_USAGE : REFUSED
  }
  if (error instanceof RingfenceError) {
    stderr.write(`ringfence: ${visibleText(error.message)} (${error.code})\n`)
    return CALLERS_FAULTS.includes(error.code) ? BAD_USAGE : CRASHED
  }
  stderr.write(`ringfence: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return CRASHED
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}
