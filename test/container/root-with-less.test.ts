import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const SETPRIV = '/usr/bin/setpriv'
const canTry = process.getuid?.() === 0 && existsSync(SETPRIV)
const FINDER = fileURLToPath(new URL('../../src/jail/find-jail.ts', import.meta.url))
const PROGRAM = `
  const { findJail } = await import(${JSON.stringify(FINDER)})
  const { jail, missing } = await findJail('landlock', [])
  console.log(JSON.stringify({ kind: jail?.kind ?? 'none', cause: missing.at(-1)?.cause, fix: missing.at(-1)?.fix }))`

/** What jail root finds that has these capabilities and no others, as in a container that drops the rest. */
const foundWith = async (capabilities: readonly string[]): Promise<unknown> => {
  const set = ['-all', ...capabilities.map((name) => `+${name}`)].join(',')
  const node = [process.execPath, '--input-type=module', '-e', PROGRAM]
  const run = promisify(execFile)(SETPRIV, [`--bounding-set=${set}`, `--inh-caps=${set}`, ...node], { env: {} })
  return JSON.parse((await run).stdout)
}

describe.skipIf(!canTry)('root in a container that drops capabilities', () => {
  const fix = 'Run as another user than root, or with SETUID, SETGID and KILL'

  it('has a jail with the three by which a child becomes another user and can still be ended', async () => {
    expect(await foundWith(['setuid', 'setgid', 'kill'])).toMatchObject({ kind: 'landlock' })
  })

  it('has none without CAP_KILL, where a child of another user could never be ended', async () => {
    const cause = expect.stringContaining('cannot be ended as another user without CAP_KILL')
    expect(await foundWith(['setuid', 'setgid'])).toEqual({ kind: 'none', cause, fix })
  })

  it('has none without any', async () => {
    expect(await foundWith([])).toEqual({
      kind: 'none',
      cause: expect.stringContaining('cannot leave the groups'),
      fix,
    })
  })
})
