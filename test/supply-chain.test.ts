import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { SECURITY_RELEASES } from '../src/core/security-releases.ts'

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      hasInstallScript: z.boolean().optional(),
      dev: z.boolean().optional(),
      license: z.string().optional(),
    }),
  ),
})
const manifestSchema = z.object({
  allowScripts: z.record(z.string(), z.boolean()),
  dependencies: z.record(z.string(), z.string()),
})
const billSchema = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(
    z.object({ name: z.string(), version: z.string(), hashes: z.array(z.object({ alg: z.string() })).min(1) }),
  ),
})

const textOf = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const manifest = manifestSchema.parse(JSON.parse(textOf('package.json')))
const lock = lockSchema.parse(JSON.parse(textOf('package-lock.json')))
const locked = Object.entries(lock.packages).filter(([path]) => path !== '')

describe('the lock file', () => {
  it('names a version and a SHA-512 for every package', () => {
    expect(locked.length).toBeGreaterThan(50)
    const loose = locked.filter(
      ([, { version, integrity }]) => version === undefined || !integrity?.startsWith('sha512-'),
    )
    expect(loose.map(([path]) => path)).toEqual([])
  })

  it('names no host', () => {
    expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
    expect(textOf('package-lock.json')).not.toMatch(/"resolved":/)
  })

  it('holds no package with an install script that nobody decided about', () => {
    const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true)
    const names = scripted.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
    expect(names.toSorted()).toEqual(Object.keys(manifest.allowScripts).toSorted())
  })

  it('lets no package that users get run an install script', () => {
    const allowed = Object.entries(manifest.allowScripts).filter(([, may]) => may)
    expect(allowed.map(([name]) => name).filter((name) => Object.hasOwn(manifest.dependencies, name))).toEqual([])
  })
})

describe('the bill of materials', () => {
  it('lists every package that users get, each with a hash', () => {
    const text = execFileSync('npm', ['run', '-s', 'sbom'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const { components } = billSchema.parse(JSON.parse(text))
    const names = components.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)))
    expect(names).toEqual(expect.arrayContaining(['jsdom', 'whatwg-url', 'tr46', 'web-streams-polyfill']))
    expect(names).not.toContain('vitest')
  })
})

describe('SECURITY.md', () => {
  it('names the releases that the code warns about', () => {
    const text = textOf('SECURITY.md')
    expect(text).toContain(`known on ${SECURITY_RELEASES.knownOn}`)
    for (const [line, release] of SECURITY_RELEASES.node) {
      expect(text).toMatch(new RegExp(`\\| Node ${line} \\|.*\\| ${release.replaceAll('.', '\\.')} \\|`))
    }
    expect(text).toMatch(
      new RegExp(`\\| isolated-vm \\|.*\\| ${SECURITY_RELEASES.isolatedVm.replaceAll('.', '\\.')} \\|`),
    )
  })
})
