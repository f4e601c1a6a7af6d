import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildNodeModules } from '../src/node/build.ts'
import { buildWebPlatform } from '../src/web/build.ts'
import { bundleFarSides } from './bundle-far-sides.ts'

/** The licence of a package whose code is in the bundle, which asks to go with it. */
const licenseOf = (name: string): string => {
  const folder = `node_modules/${name}`
  const files = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file))
  if (files.length === 0) throw new Error(`Cannot ship ${name}: it has no licence`)
  return [name, '', ...files.map((file) => readFileSync(`${folder}/${file}`, 'utf8'))].join('\n')
}

/**
 * Builds the package: `src` compiled into a folder, and the guest's text copied as it is. Run from the package's root.
 * Throws when the compiler finds an error; `'unchecked'` has it look for none.
 */
export async function buildInto(folder: string, types: 'checked' | 'unchecked'): Promise<void> {
  const check = types === 'unchecked' ? ['--noCheck'] : []
  const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json', '--outDir', folder, ...check], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`Cannot build into ${folder}: the compiler ended with ${status}`)
  await bundleFarSides(folder)
  // Copied, not compiled: what is reviewed in src/guest is, byte for byte, what runs.
  cpSync('src/guest', join(folder, 'guest'), {
    recursive: true,
    filter: (path) => !path.endsWith('.d.ts') && !path.endsWith('.json'),
  })
  // Bundled here, so that nobody who installs the package needs the libraries or waits for this.
  const web = await buildWebPlatform()
  const node = await buildNodeModules()
  const packages = [...new Set([...web.packages, ...node.packages])].toSorted()
  writeFileSync(join(folder, 'web/web-platform.js'), web.text)
  writeFileSync(join(folder, 'node/node-modules.js'), node.text)
  writeFileSync(join(folder, 'web/LICENSES.txt'), packages.map(licenseOf).join('\n'))
  // Run by perl, which the compiler knows nothing about.
  cpSync('src/jail/launch.pl', join(folder, 'jail/launch.pl'))
}
