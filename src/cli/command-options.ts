import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Data, Limits, TierId, TrustLevel, Workload } from '../core/types.ts'
import type { RunOptions } from '../index.ts'
import { parseLimit } from './parse-limit.ts'

/** The input as the command line gives it: JSON at once, or a file still to be read. */
export type InputSource =
  | { readonly kind: 'json'; readonly value: Data }
  | { readonly kind: 'file'; readonly path: string }

/** One `--module name=file`. */
export interface ModuleSource {
  readonly name: string
  readonly path: string
}

/** What both commands take, as commander hands it over. */
export interface CommandOptions {
  readonly trust?: TrustLevel
  readonly tier?: TierId
  readonly workload?: Workload
  readonly kind?: NonNullable<RunOptions['kind']>
  readonly export?: string
  readonly input?: InputSource
  readonly module?: readonly ModuleSource[]
  readonly modules?: 'node'
  readonly limit?: Partial<Limits>
  readonly fetch?: readonly string[]
  readonly fetchPrivate?: readonly string[]
  readonly policy?: string
  readonly json?: boolean
  readonly logLevel: string
}

/** What `bundle` takes. */
export interface BundleCommandOptions {
  readonly out?: string
  readonly root?: string
  readonly minify?: boolean
  readonly modules?: 'node'
  readonly define?: Readonly<Record<string, string>>
  readonly json?: boolean
}

/** What `doctor` takes. */
export interface DoctorOptions {
  readonly policy?: string
  readonly json?: boolean
}

/** How far code is trusted. */
export const TRUST: Option = new Option('--trust <level>', 'how far the code is trusted (default: untrusted)').choices([
  'trusted',
  'limited',
  'untrusted',
  'hostile',
])
/** A tier to ask for. */
export const TIER: Option = new Option('--tier <tier>', 'ask for a stronger tier than the policy would choose').choices(
  ['vm', 'worker', 'isolate', 'process'],
)
const WORKLOAD = new Option('--workload <kind>', 'light answers soon, cpu computes for long (default: light)').choices([
  'light',
  'cpu',
])
const KIND = new Option('--kind <kind>', 'how to read the source (default: by its syntax)').choices([
  'module',
  'commonjs',
  'script',
])
export const MODULES: Option = new Option(
  '--modules <flavour>',
  'offer the modules of Node that need nothing but the language',
).choices(['node'])
const LOG_LEVEL = new Option('--log-level <level>', "ringfence's own log, on the standard error")
  .choices(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'])
  .default('silent')

/** Adds the options that decide how a program is run. */
export function withProgramOptions(command: Command): Command {
  withPlaceOptions(command.argument('<file>', 'the program to take, or - for the standard input'))
    .option('--export <name>', 'the export to call (default: default)')
    .option('--input <json>', 'what the program is called with: JSON, @file, or @- for the standard input', parseInput)
  return withGrantOptions(command)
    .option('--json', 'print one line of JSON on the standard output, and nothing else there')
    .addOption(LOG_LEVEL)
}

/** Adds the options of a prompt, which may have a program to begin with. */
export function withPromptOptions(command: Command): Command {
  withPlaceOptions(command.argument('[file]', 'a program whose exports the texts see'))
  return withGrantOptions(command).addOption(LOG_LEVEL)
}

/** Adds the options of a bundle. */
export function withBundleOptions(command: Command): Command {
  return command
    .argument('<path>', 'the file, or the folder with the package')
    .option('--out <file>', 'where to write it, with its source map beside it (default: the standard output)')
    .option('--root <folder>', 'read nothing outside of this folder (default: the nearest with a package.json)')
    .option('--minify', 'make it smaller')
    .addOption(MODULES)
    .option('--define <name=value>', 'put this in place of a global name; may be repeated', parseDefine)
    .option('--json', 'print one line of JSON on the standard output, and nothing else there')
}

/** Where it runs, and how it is read. */
function withPlaceOptions(command: Command): Command {
  return command.addOption(TRUST).addOption(TIER).addOption(WORKLOAD).addOption(KIND)
}

/** What it may import and use. */
function withGrantOptions(command: Command): Command {
  return command
    .option('--module <name=file>', 'a module the program may import; may be repeated', parseModule)
    .addOption(MODULES)
    .option(
      '--limit <name=value>',
      'a lower limit, as in wallMs=500ms or memoryBytes=32MiB; may be repeated',
      parseLimit,
    )
    .option('--fetch <host>', 'a host it may fetch from, as in *.example.com; may be repeated', parseMany)
    .option('--fetch-private <range>', 'addresses not of the public Internet that --fetch may reach', parseMany)
    .option('--policy <file>', 'the policy of the operator, a JSON document')
}

function parseInput(text: string): InputSource {
  if (text.startsWith('@')) return { kind: 'file', path: text.slice(1) }
  try {
    const value: unknown = JSON.parse(text)
    return { kind: 'json', value }
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

function parseMany(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, text]
}

function parseModule(text: string, previous: readonly ModuleSource[] = []): readonly ModuleSource[] {
  const [, name, path] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  if (name === undefined || path === undefined) throw new InvalidArgumentError('Write it as name=file.')
  if (previous.some((module) => module.name === name)) {
    throw new InvalidArgumentError(`Module "${name}" is given twice.`)
  }
  return [...previous, { name, path }]
}

/** One `--define name=value`, added to those before. */
function parseDefine(text: string, previous: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write it as name=value.')
  return { ...previous, [name]: value }
}
