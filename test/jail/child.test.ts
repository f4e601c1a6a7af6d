import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, realpathSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findJail, JAIL_KINDS, type JailKind } from '../../src/jail/find-jail.ts'
import type { Bounds } from '../../src/jail/launcher.ts'
import { systemTools } from '../../src/jail/tools.ts'
import { type Child, spawnChild } from '../../src/tiers/child.ts'
import { canRun } from '../../src/tiers/process-usage.ts'
import { eventually, isAlive } from '../leaks/held.ts'
import { commandAs, USERS } from './as-user.ts'
import { runInJail } from './in-jail.ts'

const KINDS = JAIL_KINDS.filter((kind) => kind !== 'namespaces' || systemTools().bwrap !== undefined)
const ENTRY = new URL('../../src/jail/level.ts', import.meta.url)
const MIB = 2 ** 20

async function childIn(kind: JailKind, code: string, bounds: Bounds = {}): Promise<Child> {
  const { jail } = await findJail(kind, [])
  if (jail === undefined) throw new Error(`there is no jail "${kind}" here`)
  const nodeFlags = ['--no-warnings', '--openssl-config=/dev/null', '-e', code]
  return spawnChild({ prefix: [], jailed: { jail, bounds }, nodeFlags, entry: ENTRY, args: [] })
}

const UP = `require('fs').writeSync(3, 'up');`

describe.each(KINDS)('a child in the jail %s', (kind) => {
  it('that makes a forbidden system call is ended, and that is said to be why', async () => {
    const child = await childIn(kind, 'process.setgid(1); setInterval(() => {}, 1000)')
    expect(await child.gone).toBe('its process was ended by SIGSYS: it made a system call that its jail forbids')
  })

  it('is measured by the process in which Node runs, not by one that stands before it', async () => {
    const child = await childIn(
      kind,
      `${UP} while (process.cpuUsage().user < 100_000); ${UP} setInterval(() => {}, 1000)`,
    )
    let said = ''
    child.pipe.on('data', (chunk) => {
      said += String(chunk)
    })
    // A reader that is late is given both words at once.
    await expect.poll(() => said, { timeout: 30_000 }).toBe('upup')
    const [program] = readFileSync(`/proc/${child.pid}/cmdline`, 'latin1').split('\0')
    // Below a folder of our own where Node itself lies below one that only root may enter.
    expect(program?.endsWith(realpathSync(process.execPath))).toBe(true)
    expect(child.residentBytes()).toBeGreaterThan(20 * MIB)
    expect(child.cpuMs()).toBeGreaterThan(50)
    await child.end()
  })

  it('is gone with all that belongs to it once it was ended, however busy', async () => {
    const child = await childIn(kind, `${UP} for (;;);`)
    await once(child.pipe, 'data')
    const { pid } = child
    expect(isAlive(pid)).toBe(true)
    await child.end()
    expect(isAlive(pid)).toBe(false)
  })

  it.each([
    ['that spins', 'for (;;);'],
    [
      'that is stuck in a built-in, with much memory',
      'new Uint8Array(2 ** 27).fill(1); ((1n << 400_000_000n) - 1n).toString()',
    ],
  ])('%s runs none of its code any more once it was stopped, and is gone soon after', async (_, code) => {
    const child = await childIn(kind, `${UP} ${code}`)
    await once(child.pipe, 'data')
    const { pid } = child
    expect(canRun(pid)).toBe(true)
    await child.stop()
    expect(canRun(pid)).toBe(false)
    await child.gone
    expect(isAlive(pid)).toBe(false)
  })

  it('that cannot be started says why', async () => {
    const child = await childIn(kind, UP, { groups: ['/nowhere/cgroup.procs'] })
    expect(await child.gone).toContain('exited with code 125: ringfence-jail: cannot open')
  })

  it('holds no more than its limit of data, whatever the memory is for', async () => {
    const bomb = `let held = []; try { for (let i = 0; i < 64; i += 1) held.push(new ArrayBuffer(64 * 2 ** 20)) } catch (error) {
      require('fs').writeSync(1, error.name + ' ' + held.length) }`
    const { stdout, code } = await runInJail(kind, bomb, { dataBytes: 832 * MIB })
    expect(stdout).toMatch(/^RangeError [0-4]$/)
    expect(code).toBe(0)
  })

  it.runIf(process.getuid?.() === 0)(
    'cannot take all the threads of the system, where it is a user of its own',
    async () => {
      const child = await childIn(kind, `${UP} setInterval(() => {}, 1000)`)
      await once(child.pipe, 'data')
      const limits = readFileSync(`/proc/${child.pid}/limits`, 'latin1')
      expect(limits).toMatch(/^Max processes\s+512\s+512\s/m)
      await child.end()
    },
  )

  it('is ended by its limit of CPU time', async () => {
    const { stdout, code } = await runInJail(kind, `for (;;);`, { cpuSeconds: 1 })
    expect(stdout).toBe('')
    expect(code).not.toBe(0)
  })

  it.each(USERS)('dies with its parent, started by %s', async (user) => {
    const [command = '', ...args] = await commandAs(user, 'host-of-child.ts', [kind])
    const host = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said]: unknown[] = await once(host.stdout, 'data')
    const pid = Number(String(said))
    expect(isAlive(pid)).toBe(true)
    host.kill('SIGKILL')
    expect(await eventually(() => !isAlive(pid), 10_000)).toBe(true)
  })
})
