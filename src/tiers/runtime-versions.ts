import { createRequire } from 'node:module'
import process from 'node:process'
import type { RuntimeVersions } from '../core/security-releases.ts'

/** What this process runs on. Reads one small file. */
export function runtimeVersions(): RuntimeVersions {
  const manifest: unknown = createRequire(import.meta.url)('isolated-vm/package.json')
  const version: unknown = typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : ''
  return { node: process.versions.node, v8: process.versions.v8, isolatedVm: String(version) }
}
