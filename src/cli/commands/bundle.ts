import { writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { type Bundle, bundle } from '../../index.ts'
import type { BundleCommandOptions } from '../command-options.ts'
import { renderBundle } from '../render-bundle.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

/** Makes one program of a file or folder and its dependencies. Answers with the exit code. */
export async function bundleProgram(path: string, given: BundleCommandOptions, terminal: Terminal): Promise<number> {
  const { out, json, root, minify, modules, define } = given
  const made = await bundle(path, {
    ...(root !== undefined && { root }),
    ...(minify !== undefined && { minify }),
    ...(modules !== undefined && { modules }),
    ...(define !== undefined && { define }),
  })
  if (out !== undefined) await write(made, out)
  const { source, sourceMap, ...report } = made
  if (json === true) {
    const text = out === undefined ? { source, sourceMap } : { out: resolve(out) }
    terminal.stdout.write(`${JSON.stringify({ ...report, ...text })}\n`)
    return 0
  }
  terminal.stderr.write(renderBundle(made, out))
  if (out === undefined) terminal.stdout.write(source)
  return 0
}

/** Writes the program, and its source map beside it, where `ringfence run` finds it. */
async function write({ source, sourceMap }: Bundle, out: string): Promise<void> {
  try {
    await writeFile(`${out}.map`, sourceMap)
    await writeFile(out, `${source}//# sourceMappingURL=${basename(out)}.map\n`)
  } catch (error) {
    throw new UsageError(`Cannot write the bundle: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
