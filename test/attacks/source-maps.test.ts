import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

/**
 * ATTACK: `eval("//# sourceURL=file:///host.js\n//# sourceMappingURL=…")`. Node remembers it for good, and by it maps the stacks of
 * the host's own files, reading whatever file it names.
 */
it('no guest gives the files of a host that runs with source maps maps of its own', async () => {
  const host = fileURLToPath(new URL('host-with-source-maps.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--enable-source-maps', host])
  expect(JSON.parse(stdout)).toEqual({ outcomes: [3, 3], mapped: ['bare'] })
}, 60_000)
