import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** What the figures were taken on. */
export interface Machine {
  readonly node: string
  readonly v8: string
  readonly isolatedVm: string
  readonly piscina: string
  readonly platform: string
  readonly cpu: string
  readonly cpus: number
  readonly memoryBytes: number
}

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    node: process.version,
    v8: process.versions.v8,
    isolatedVm: versionOf('isolated-vm'),
    piscina: versionOf('piscina'),
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
  }
}

/** The load average over one minute, in runnable threads. */
export function loadNow(): number {
  return loadavg()[0] ?? 0
}

const manifestSchema = z.object({ name: z.string(), version: z.string() })

/** A package need not show its manifest, so it is looked for upwards from its entry. */
function versionOf(name: string): string {
  for (let folder = new URL('./', import.meta.resolve(name)); ; folder = new URL('../', folder)) {
    try {
      const text = readFileSync(fileURLToPath(new URL('package.json', folder)), 'utf8')
      const manifest = manifestSchema.safeParse(JSON.parse(text))
      if (manifest.success && manifest.data.name === name) return manifest.data.version
    } catch {
      // There is none in this folder: the next one up may have it.
    }
    if (folder.pathname === '/') return 'unknown'
  }
}
