import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Broker, createBroker } from '../../src/index.ts'
import { layBait } from '../../src/jail/bait.ts'
import { openGroup } from '../../src/jail/control-group.ts'
import { findGvisor } from '../../src/jail/gvisor.ts'
import { systemTools } from '../../src/jail/tools.ts'
import { spawnChild } from '../../src/tiers/child.ts'
import { guest } from '../contract/scene.ts'
import { eventually, isAlive } from '../leaks/held.ts'
import { commandAs, runAs, USERS } from './as-user.ts'
import { attackProgram, attacksWith } from './attacks.ts'

const { runsc, ...withoutRunsc } = systemTools()
const ENTRY = new URL('../../src/jail/level.ts', import.meta.url)
const QUIET = ['--no-warnings', '--openssl-config=/dev/null']
const MIB = 2 ** 20
const PATIENCE_MS = 10_000
const ATTEMPT = { trust: 'hostile', tier: 'process' } as const

it('gVisor that is not installed is refused with its fix, and nothing weaker is started', async () => {
  await expect(findGvisor([], withoutRunsc)).rejects.toThrow('runsc is not installed. Install gVisor (apt-get install')
})

/** What runs in a container of ours, of this process: their processes show its name. */
const left = (): readonly string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`ringfence-${process.pid}-`)
    } catch {
      return false
    }
  })

const bundles = (): readonly string[] =>
  readdirSync(tmpdir())
    .filter((name) => name.startsWith('ringfence-') && name.includes(`-${process.pid}-`))
    .flatMap((name) => readdirSync(join(tmpdir(), name)).filter((one) => one !== 'root'))

/** Its own programs, files of its own kernel, a network that is its own and leads nowhere, and memory: nothing of the host. */
const OWN_AFFAIRS = [
  'starts a shell',
  'starts another Node',
  'reads its own memory map',
  'lists what the machine is',
  'reads the environment of the first process',
  'sends a datagram',
  'listens',
  'changes its priority',
  'signals everybody',
  'holds more memory than its limit',
  'shares memory that no limit counts',
]

describe.skipIf(runsc === undefined)('behind gVisor (skipped where runsc is not installed)', () => {
  it.each(USERS)('guests of a host started by %s run, and it is seen to be strong', async (user) => {
    const { stdout, stderr } = await runAs(user, 'report-isolation.ts', ['gvisor'])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toMatchObject({
      values: [42, 42],
      reports: { process: { level: 'strong', layers: ['gvisor', 'own-kernel'], missing: [] } },
    })
  })

  it('no attack reaches the host', async () => {
    await using laid = await layBait()
    const program = attackProgram(attacksWith(laid.bait), 4)
    const runtime = await findGvisor([], systemTools())
    const child = spawnChild({
      prefix: [],
      outer: { runtime, bounds: {} },
      nodeFlags: [...QUIET, '-e', program],
      entry: ENTRY,
      args: [],
    })
    const through: unknown = JSON.parse(await text(child.pipe))
    await child.end()
    await delay(50)
    expect(laid.reached).toEqual(new Set())
    expect(Array.isArray(through) && through.filter((name) => !OWN_AFFAIRS.includes(String(name)))).toEqual([])
  })

  it('guests end as they do anywhere, and nothing of them is left', async () => {
    const broker = await createBroker({ process: { runtime: 'gvisor' } })
    const run = async (name: string): Promise<Awaited<ReturnType<Broker['run']>>['outcome']> => {
      const limits = { wallMs: 500, memoryBytes: 32 * MIB }
      return (await broker.run(guest(name), { ...ATTEMPT, input: 21, limits })).outcome
    }
    expect(await run('echoes')).toEqual({ kind: 'returned', value: 21 })
    expect(await run('spins')).toEqual({ kind: 'exceeded', limit: 'wallMs' })
    expect(await run('converts-huge-bigint')).toMatchObject({ kind: 'exceeded' })
    expect(left().length).toBeGreaterThan(0)
    await broker.close()
    expect(await eventually(() => left().length === 0, PATIENCE_MS)).toBe(true)
    expect(bundles()).toEqual([])
  })

  it('all of it is gone after its broker was killed', async () => {
    const [command = '', ...args] = await commandAs('root', 'host-of-runtime.ts', ['{"runtime":"gvisor","spares":0}'])
    const host = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said]: unknown[] = await once(host.stdout, 'data')
    const pid = Number(String(said))
    expect(isAlive(pid)).toBe(true)
    host.kill('SIGKILL')
    expect(await eventually(() => !isAlive(pid), PATIENCE_MS)).toBe(true)
  })

  const delegated = `/sys/fs/cgroup/memory/ringfence-test-${process.pid}`
  describe.runIf(process.getuid?.() === 0 && existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes'))(
    'in a control group',
    () => {
      beforeAll(() => {
        mkdirSync(delegated)
      })
      afterAll(() => rmdirSync(delegated))

      it('guests run, and are seen to be in it', async () => {
        await using broker = await createBroker({ process: { runtime: 'gvisor', cgroup: delegated, spares: 0 } })
        const { outcome, isolation } = await broker.run('export default () => 42', ATTEMPT)
        expect(outcome).toEqual({ kind: 'returned', value: 42 })
        expect(isolation.layers).toEqual(['gvisor', 'own-kernel', 'cgroup'])
      })

      it('a child has no more memory than the group, which its own kernel would have given it', async () => {
        const runtime = await findGvisor([], systemTools())
        const group = openGroup(delegated)
        group.limit(256 * MIB)
        const child = spawnChild({
          prefix: [],
          outer: { runtime, bounds: { groups: [group.list] } },
          group,
          nodeFlags: [...QUIET, '-e', `const all = []; for (;;) all.push(Buffer.alloc(16 * 2 ** 20, 1))`],
          entry: ENTRY,
          args: [],
        })
        await child.gone
        expect(group.ranOut()).toBe(true)
        await group.remove()
      })
    },
  )
})
