import type { Metafile } from 'esbuild'
import { REFUSED } from './bounds.ts'

/** What of a bundle's size comes from one package, or from the program's own files. */
export interface BundlePart {
  /** The name of a package; the program's own files have none. */
  readonly package?: string
  readonly bytes: number
  readonly files: number
}

/** Counts the bytes of the output by package, the largest first. The bundler's own few lines belong to nobody. */
export function partsOf({ inputs }: Metafile['outputs'][string]): readonly BundlePart[] {
  const parts = new Map<string | undefined, { bytes: number; files: number }>()
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    if (bytesInOutput === 0 || path.startsWith(`${REFUSED}:`)) continue
    const name = packageOf(path)
    const part = parts.get(name) ?? { bytes: 0, files: 0 }
    parts.set(name, { bytes: part.bytes + bytesInOutput, files: part.files + 1 })
  }
  return Array.from(parts, ([name, part]) => ({ ...(name !== undefined && { package: name }), ...part })).toSorted(
    (a, b) => b.bytes - a.bytes,
  )
}

/** The innermost package, as in `node_modules/a/node_modules/@scope/b/index.js`. */
function packageOf(path: string): string | undefined {
  return /.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]
}
