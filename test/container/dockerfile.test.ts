import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { systemTools } from '../../src/jail/tools.ts'
import { DIE_WITH_PARENT } from '../../src/tiers/die-with-parent.ts'
import { only, stages, textOf } from './files.ts'
import { exitCodeHere, RAN_OR_REFUSED } from './run-here.ts'

const [build = [], run = []] = stages()
const letIn = textOf('.dockerignore')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1))

describe('the context of the image', () => {
  it('lets in nothing but what it names, and all of that is there', () => {
    const [first] = textOf('.dockerignore')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
    expect(first).toBe('*')
    expect(letIn.length).toBeGreaterThan(5)
    expect(letIn.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([])
  })

  it('has what the first stage copies by name, and what the build reads', () => {
    const copies = build.filter(({ name, text }) => name === 'COPY' && !text.startsWith('.'))
    const copied = copies.flatMap(({ text }) => text.split(' ').slice(0, -1))
    expect(copied).toContain('package-lock.json')
    const script = packageJson.scripts.build.split(' ').at(-1) ?? ''
    const parts = Array.from(textOf(script).matchAll(/from '\.\/(.+)'/g), ([, file]) => `scripts/${file}`)
    const settings = [script, ...parts].flatMap((path) => textOf(path).match(/tsconfig[.a-z]*\.json/g) ?? [])
    const extended = settings.flatMap((path) => /"extends": "\.\/([^"]+)"/.exec(textOf(path))?.[1] ?? [])
    expect(extended).toEqual(['tsconfig.json'])
    const read = [...copied, script, ...parts, ...settings, ...extended, 'src', 'LICENSE']
    for (const path of read) expect(letIn).toContain(path)
  })
})

describe('the image', () => {
  it('runs as a user that is told by number and is not root', () => {
    expect(only(run, 'USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(only(run, 'RUN')).toContain(`useradd --uid ${only(run, 'USER').split(':')[0]} `)
  })

  it('starts what the package calls its command', () => {
    const [node, entry] = JSON.parse(only(run, 'ENTRYPOINT')) as readonly string[]
    expect([node, `./${entry}`]).toEqual(['node', packageJson.bin.ringfence])
    expect(textOf('src/cli/main.ts')).toContain('runCommandLine')
  })

  it('has a health check that can be run, and that hostile code passes or is refused', () => {
    const command = only(run, 'HEALTHCHECK').replace(/^.* CMD /, '')
    expect(command).toContain('--trust hostile')
    expect(RAN_OR_REFUSED).toContain(exitCodeHere(['/bin/sh', '-c', command]))
  })
})

const tools = systemTools()
const [setpriv] = DIE_WITH_PARENT
const NEEDED: readonly (readonly [tool: string, path: string | undefined, from: string])[] = [
  ['perl', tools.perl, 'perl-base'],
  ['ldd', tools.ldd, 'libc-bin'],
  ['bwrap', tools.bwrap, 'bubblewrap'],
  ['setpriv', setpriv, 'util-linux'],
]
const isDebian = existsSync('/usr/bin/dpkg')

describe('what children are started with', () => {
  it.each(NEEDED)('is installed in the image: %s', (_, __, from) => {
    expect(/apt-get install -y --no-install-recommends ([a-z0-9 -]+?) +&&/.exec(only(run, 'RUN'))?.[1]).toMatch(
      new RegExp(`(^| )${from}( |$)`),
    )
  })

  it.runIf(isDebian).each(NEEDED.filter(([, path]) => path !== undefined))('%s comes from there', (_, path, from) => {
    const { stdout } = spawnSync('/usr/bin/dpkg', ['-S', path ?? ''], { encoding: 'utf8' })
    expect(stdout).toMatch(new RegExp(`^${from}:`))
  })
})
