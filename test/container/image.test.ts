import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { only, stages } from './files.ts'

/**
 * The image itself, where there is one and an engine to run it: RINGFENCE_CONTAINER_RUN is the engine's command up to the
 * image ("podman run --rm --network none"), and RINGFENCE_CONTAINER_IMAGE the image.
 */
const RUN = process.env['RINGFENCE_CONTAINER_RUN']?.split(' ') ?? []
const IMAGE = process.env['RINGFENCE_CONTAINER_IMAGE'] ?? 'ringfence'
const [ENGINE = ''] = RUN
const PATIENCE_MS = 60_000
const ENGINES_OWN = '/usr/share/containers/seccomp.json'
const DERIVE = fileURLToPath(new URL('../../examples/allow-namespaces.ts', import.meta.url))

const reportSchema = z.object({
  tiers: z.array(z.object({ tier: z.string(), level: z.string() })),
  trust: z.array(z.object({ trust: z.string(), runs: z.boolean() })),
})

const LOCKED = ['--read-only', '--cap-drop=ALL', '--security-opt', 'no-new-privileges']
const NO_TMP = ENGINE.endsWith('podman') ? ['--read-only', '--read-only-tmpfs=false'] : ['--read-only']
const TMP = ['--tmpfs', '/tmp:mode=1777,noexec']
const capabilities = (...names: readonly string[]) => names.map((name) => `--cap-add=${name}`)
const HOLDS: readonly string[] = ['good', 'strong']

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-test-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const start = (options: readonly string[], args: readonly string[], input = '') =>
  spawnSync(ENGINE, [...RUN.slice(1), ...options, IMAGE, ...args], { input, encoding: 'utf8', timeout: PATIENCE_MS })

/** What doctor says in a container started this way: the level of the strongest tier, and who is refused. */
const examined = (options: readonly string[]) => {
  const { tiers, trust } = reportSchema.parse(JSON.parse(start(options, ['doctor', '--json']).stdout))
  const refused = trust.filter(({ runs }) => !runs).map((checked) => checked.trust)
  return { level: tiers.find(({ tier }) => tier === 'process')?.level ?? '', refused }
}

const WITH_WALLS: readonly (readonly [way: string, options: readonly string[]])[] = [
  ['as it is', []],
  ['as root', ['--user', '0']],
  ['as anybody', ['--user', '54321:54321']],
  ['read-only with a folder for temporary files', [...NO_TMP, ...TMP]],
  ['as the example for Kubernetes starts it', [...LOCKED, ...NO_TMP.slice(1), ...TMP]],
  ['as root with three capabilities', ['--user', '0', '--cap-drop=ALL', ...capabilities('SETUID', 'SETGID', 'KILL')]],
]
const WITHOUT: readonly (readonly [way: string, options: readonly string[]])[] = [
  ['read-only without a folder for temporary files', NO_TMP],
  ['as root without capabilities', ['--user', '0', '--cap-drop=ALL']],
  ['as root that cannot end what it starts', ['--user', '0', '--cap-drop=ALL', ...capabilities('SETUID', 'SETGID')]],
]

describe.skipIf(RUN.length === 0)('the image under the engine’s default profile', () => {
  it.each(WITH_WALLS)('runs code of every trust level %s', (_, options) => {
    const { level, refused } = examined(options)
    expect([HOLDS.includes(level), refused]).toEqual([true, []])
    expect(start(['-i', ...options], ['run', '-', '--trust', 'hostile'], '6 * 7')).toMatchObject({
      stdout: '42\n',
      status: 0,
    })
  })

  it.each(WITHOUT)('refuses hostile code, and that alone, %s', (_, options) => {
    expect(examined(options)).toEqual({ level: 'none', refused: ['hostile'] })
    expect(start(['-i', ...options], ['run', '-', '--trust', 'hostile'], '6 * 7').status).toBe(3)
  })

  it('is healthy', () => {
    const command = only(stages().at(-1) ?? [], 'HEALTHCHECK').replace(/^.* CMD /, '')
    expect(start(['--entrypoint', '/bin/sh'], ['-c', command]).status).toBe(0)
  })

  it.runIf(existsSync(ENGINES_OWN))('has namespaces under a profile derived from it', () => {
    const path = join(folder, 'seccomp.json')
    writeFileSync(path, spawnSync(process.execPath, [DERIVE], { input: readFileSync(ENGINES_OWN) }).stdout)
    expect(examined(['--security-opt', `seccomp=${path}`])).toEqual({ level: 'strong', refused: [] })
  })
})
