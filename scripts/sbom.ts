/**
 * Prints the software bill of materials of what a user of ringfence gets, as CycloneDX. `npm sbom --omit=dev` would leave
 * out a package that the tools need as well, so the whole bill is taken and what only the tools need is dropped. What is
 * bundled into the guests' web platform is got by users too.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { buildNodeModules } from '../src/node/build.ts'
import { buildWebPlatform } from '../src/web/build.ts'

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), dev: z.boolean().optional() })),
})
const billSchema = z.looseObject({
  components: z.array(z.looseObject({ 'bom-ref': z.string() })),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
})

const root = new URL('..', import.meta.url)
const lock = lockSchema.parse(JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')))
const texts = [await buildWebPlatform(), await buildNodeModules()]
const bundled = new Set(texts.flatMap(({ packages }) => packages))
const shipped = new Set(
  Object.entries(lock.packages).flatMap(([path, { version = '', dev }]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return dev === true && !bundled.has(name) ? [] : [`${name}@${version}`]
  }),
)
const whole = execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'], {
  cwd: root,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
  maxBuffer: 64 * 1024 * 1024,
})
const bill = billSchema.parse(JSON.parse(whole))
const [own = ''] = bill.dependencies.map(({ ref }) => ref).filter((ref) => ref.startsWith('ringfence@'))
const kept = (ref: string): boolean => ref === own || shipped.has(ref)
const components = bill.components.filter((component) => kept(component['bom-ref']))
const dependencies = bill.dependencies
  .filter(({ ref }) => kept(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(kept) }))
process.stdout.write(`${JSON.stringify({ ...bill, components, dependencies }, undefined, 2)}\n`)
