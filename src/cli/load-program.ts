import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Data } from '../core/types.ts'
import type { RunOptions } from '../index.ts'
import type { CommandOptions, InputSource } from './command-options.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

/** A comment that names a source map is the last line, and no longer. */
const MAX_COMMENT = 1024

/** A program with everything read that the command line only named. */
export interface LoadedProgram {
  readonly source: string
  readonly options: RunOptions
  /** What the broker is made with: the operator's policy document, not yet checked. */
  readonly broker: { readonly policy?: unknown }
}

/** Reads the program, its modules, its input and the policy. Throws a `UsageError` that names what cannot be read. */
export async function loadProgram(file: string, given: CommandOptions, terminal: Terminal): Promise<LoadedProgram> {
  if (file === '-' && given.input?.kind === 'file' && given.input.path === '-') {
    throw new UsageError('Cannot read both the program and its input from the standard input')
  }
  const source = await readText('program', file, terminal)
  const sourceMap = await readSourceMapOf(file, source, terminal)
  const modules: [string, string][] = []
  for (const { name, path } of given.module ?? []) {
    modules.push([name, await readText(`module "${name}"`, path, terminal)])
  }
  const record = modules.length === 0 ? undefined : Object.fromEntries(modules)
  const offered = given.modules === 'node' ? (['node', record ?? {}] as const) : record
  const broker = await loadPolicy(given.policy, terminal)
  const { trust, tier, workload, kind, limit } = given
  const options: RunOptions = {
    ...(file !== '-' && { filename: basename(file) }),
    ...(trust !== undefined && { trust }),
    ...(tier !== undefined && { tier }),
    ...(workload !== undefined && { workload }),
    ...(kind !== undefined && { kind }),
    ...(limit !== undefined && { limits: limit }),
    ...fetchOf(given),
    ...(given.export !== undefined && { export: given.export }),
    ...(sourceMap !== undefined && { sourceMap }),
    ...(offered !== undefined && { modules: offered }),
    ...(given.input !== undefined && { input: await readInput(given.input, terminal) }),
  }
  return { source, options, broker }
}

function fetchOf({ fetch: hosts, fetchPrivate }: CommandOptions): Pick<RunOptions, 'fetch'> {
  if (hosts === undefined && fetchPrivate === undefined) return {}
  if (hosts === undefined) throw new UsageError('Cannot grant --fetch-private without --fetch, which names the hosts')
  return { fetch: { hosts, ...(fetchPrivate !== undefined && { privateAddresses: fetchPrivate }) } }
}

/** The source map that the last line of a bundle names; it lies beside it. */
async function readSourceMapOf(file: string, source: string, terminal: Terminal): Promise<string | undefined> {
  const name = /^\/\/# sourceMappingURL=([^\s/\\:]+)\s*$/m.exec(source.slice(-MAX_COMMENT))?.[1]
  if (file === '-' || name === undefined) return undefined
  const path = join(dirname(file), name)
  return existsSync(path) ? readText('source map', path, terminal) : undefined
}

/** Reads the operator's policy document, as an option of `createBroker`. Throws a `UsageError` when it cannot be read. */
export async function loadPolicy(path: string | undefined, terminal: Terminal): Promise<{ readonly policy?: unknown }> {
  return path === undefined ? {} : { policy: parseJson('policy', await readText('policy', path, terminal)) }
}

async function readInput(input: InputSource, terminal: Terminal): Promise<Data> {
  if (input.kind === 'json') return input.value
  return parseJson('input', await readText('input', input.path, terminal))
}

/** Reads JSON. Throws a `UsageError` that says what it should have been. */
export function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`Cannot read ${what}: it is not JSON: ${messageOf(error)}`, { cause: error })
  }
}

/** Reads a text file, or the standard input for `-`. Throws a `UsageError` when it cannot be read. */
export async function readText(what: string, path: string, terminal: Terminal): Promise<string> {
  try {
    return path === '-' ? await readAll(terminal.stdin) : await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(`Cannot read ${what}: ${messageOf(error)}`, { cause: error })
  }
}

async function readAll(stream: Terminal['stdin']): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream) text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
