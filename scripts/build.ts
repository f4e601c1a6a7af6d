/** Builds the package: `src` compiled into `dist`, and the guest's text copied as it is. */
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildWebPlatform } from '../src/web/build.ts'

/** The licence of a package whose code is in the bundle, which asks to go with it. */
const licenseOf = (name: string): string => {
  const folder = `node_modules/${name}`
  const files = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file))
  if (files.length === 0) throw new Error(`Cannot ship ${name}: it has no licence`)
  return [name, '', ...files.map((file) => readFileSync(`${folder}/${file}`, 'utf8'))].join('\n')
}

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
const { text, packages } = await buildWebPlatform()
writeFileSync('dist/web/web-platform.js', text)
writeFileSync('dist/web/LICENSES.txt', packages.map(licenseOf).join('\n'))
// Run by perl, which the compiler knows nothing about.
cpSync('src/jail/launch.pl', 'dist/jail/launch.pl')
