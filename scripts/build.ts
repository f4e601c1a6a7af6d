/** Builds the package: `src` compiled into `dist`, and the guest's text copied as it is. */
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildWebText } from '../src/web/build.ts'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
// Copied, not compiled: what is reviewed in src/guest is, byte for byte, what runs.
cpSync('src/guest', 'dist/guest', {
  recursive: true,
  filter: (path) => !path.endsWith('.d.ts') && !path.endsWith('.json'),
})
// Bundled here, so that nobody who installs the package needs the libraries or waits for this.
writeFileSync('dist/web/web-platform.js', await buildWebText())
// Run by perl, which the compiler knows nothing about.
cpSync('src/jail/launch.pl', 'dist/jail/launch.pl')
