import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { isOpenToAll } from '../../src/jail/open-to-all.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const isRoot = process.getuid?.() === 0
const staged = (): readonly string[] => readdirSync(tmpdir()).filter((name) => /^ringfence-\d+-\d+-/.test(name))

it('a file is open to all when it and every folder above it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-test-'))
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(await isOpenToAll(folder)).toBe(false)
  expect(await isOpenToAll('/etc/passwd')).toBe(true)
  rmSync(folder, { recursive: true })
})

it.runIf(isRoot).each(['auto', 'landlock'])(
  'guests of a checkout that only root may enter run in a jail like any other: %s',
  (jail) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-test-'))
    try {
      for (const name of ['src', 'test/jail', 'package.json']) {
        cpSync(join(ROOT, name), join(folder, name), { recursive: true })
      }
      symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
      const before = staged()
      const program = join(folder, 'test/jail/report-isolation.ts')
      const { stdout, stderr } = spawnSync(process.execPath, [program, jail], { encoding: 'utf8', timeout: 60_000 })
      expect(stderr).toBe('')
      expect(JSON.parse(stdout)).toMatchObject({
        values: [42, 42],
        reports: { process: { level: expect.stringMatching(/strong|good/) } },
      })
      // What others left behind may have been removed meanwhile.
      expect(staged().filter((name) => !before.includes(name))).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
    expect(existsSync(folder)).toBe(false)
  },
)
