import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { unzipSync } from 'fflate'
import { makeBundle } from '../../bundle/bundle.ts'
import { invalid } from './aws-error.ts'

/** A function's text, with what is to be called in it. */
export interface Code {
  readonly source: string
  readonly filename: string
  /** The exported function. */
  readonly handler: string
}

const ZIP = Buffer.from('PK')
const MAX_FILES = 5000
const MAX_BYTES = 64 * 2 ** 20
const ENDINGS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'] as const

/** Splits Lambda's `file.export`: what follows the first dot behind the last slash is the export. */
export function splitHandler(handler: string): { readonly stem: string; readonly path: string } {
  const [, stem, path] = /^((?:.*\/)?[^./]+)\.(.+)$/.exec(handler) ?? []
  if (stem !== undefined && path !== undefined && !handler.includes('..')) return { stem, path }
  throw invalid(`The handler "${handler}" must be a file and an export, as in index.handler`)
}

/** Reads what a client sends as code: a zip, or the text of one file. */
export async function readCode(bytes: Buffer, handler: string): Promise<Code> {
  const { stem, path } = splitHandler(handler)
  if (!bytes.subarray(0, 2).equals(ZIP)) {
    return { source: textOf(bytes), filename: `${posix.basename(stem)}.ts`, handler: path }
  }
  const files = unzip(bytes)
  const entry = ENDINGS.map((ending) => stem + ending).find((name) => files.has(name))
  const text = entry === undefined ? undefined : files.get(entry)
  if (entry === undefined || text === undefined) {
    throw invalid(
      `The zip has no file for the handler "${handler}": ${ENDINGS.map((ending) => stem + ending).join(', ')}`,
    )
  }
  const source = files.size === 1 ? textOf(text) : await bundled(files, entry)
  return { source, filename: posix.basename(entry), handler: path }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw invalid(`The code is neither a zip nor text: ${String(error)}`)
  }
}

// ATTACK: a zip names files outside of its folder, has very many, or says that it is small and is not.
function unzip(bytes: Buffer): Map<string, Uint8Array> {
  let count = 0
  let total = 0
  const files = unzipSafely(bytes, ({ name, originalSize }) => {
    if (name.endsWith('/')) return false
    count += 1
    total += originalSize
    if (count > MAX_FILES) throw invalid(`The zip has more than ${MAX_FILES} files`)
    if (total > MAX_BYTES) throw invalid(`The zip is more than ${MAX_BYTES} bytes once unpacked`)
    if (posix.isAbsolute(name) || name.includes('\\') || name.includes('\0') || name.split('/').includes('..')) {
      throw invalid(`The zip has a file outside of its folder: "${name}"`)
    }
    return true
  })
  return new Map(Object.entries(files).map(([name, content]) => [posix.normalize(name), content]))
}

function unzipSafely(
  bytes: Buffer,
  filter: (file: { readonly name: string; readonly originalSize: number }) => boolean,
): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter })
  } catch (error) {
    if (error instanceof Error && error.name === 'AwsError') throw error
    throw invalid(`Could not unzip uploaded file. Please check your file, then try to upload again: ${String(error)}`)
  }
}

/** One program of many files: they are laid out for the bundler, which reads nothing outside of them. */
async function bundled(files: ReadonlyMap<string, Uint8Array>, entry: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-zip-'))
  try {
    for (const [name, content] of files) {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
    }
    return (await makeBundle(join(folder, entry), { root: folder, modules: 'node' })).source
  } catch (error) {
    if (error instanceof Error) throw invalid(`The zip is no program: ${error.message.replaceAll(`${folder}/`, '')}`)
    throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
