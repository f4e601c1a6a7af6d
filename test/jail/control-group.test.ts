import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBroker } from '../../src/index.ts'
import { openGroup } from '../../src/jail/control-group.ts'
import { findJail, JAIL_KINDS } from '../../src/jail/find-jail.ts'
import { systemTools } from '../../src/jail/tools.ts'
import { spawnChild } from '../../src/tiers/child.ts'
import { eventually } from '../leaks/held.ts'

const MIB = 2 ** 20
const V2 = existsSync('/sys/fs/cgroup/cgroup.controllers')
const LIMIT = V2 ? 'memory.max' : 'memory.limit_in_bytes'
const delegated = join(V2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory', `ringfence-test-${process.pid}`)
const ATTEMPT = { trust: 'trusted', tier: 'process' } as const

/** Whether a group can be made here at all, which takes root and a file system of groups that can be written to. */
const isPossible = ((): boolean => {
  try {
    mkdirSync(delegated)
    return existsSync(join(delegated, LIMIT))
  } catch {
    return false
  }
})()
afterAll(() => {
  if (existsSync(delegated)) rmdirSync(delegated)
})

const groups = (): readonly string[] => readdirSync(delegated).filter((name) => name.startsWith('ringfence-'))

describe.runIf(isPossible)('below a group that was delegated', () => {
  it.each(['isolate', 'process'] as const)(
    'each child of the tier %s has one, with a limit, which goes with it',
    async (tier) => {
      const broker = await createBroker({ process: { cgroup: delegated }, isolate: { cgroup: delegated } })
      const { outcome, isolation } = await broker.run('export default () => 42', { ...ATTEMPT, tier })
      expect(outcome).toEqual({ kind: 'returned', value: 42 })
      expect(isolation.layers).toContain('cgroup')
      expect(await eventually(() => groups().length > 0, 10_000)).toBe(true)
      await using program = await broker.load('export default () => 43', { ...ATTEMPT, tier })
      expect((await program.call()).outcome).toEqual({ kind: 'returned', value: 43 })
      const limits = groups().map((name) => Number(readFileSync(join(delegated, name, LIMIT), 'latin1')))
      expect(Math.min(...limits)).toBeLessThan(2048 * MIB)
      await broker.close()
      expect(await eventually(() => groups().length === 0, 10_000)).toBe(true)
    },
  )

  it('a guest that the kernel ends for want of memory has reached its limit of memory', async () => {
    const broker = await createBroker({ process: { cgroup: delegated } })
    await broker.run('export default () => 1', ATTEMPT)
    const source = `export default () => { const kept = []; for (;;) kept.push(new Uint8Array(2 ** 20).fill(1)) }`
    const running = broker.start(source, { ...ATTEMPT, limits: { memoryBytes: 512 * MIB, wallMs: 20_000 } })
    // Lower than the tier would set it, so that the kernel is the first to notice.
    const lower = setInterval(() => {
      for (const name of groups()) writeFileSync(join(delegated, name, LIMIT), String(100 * MIB))
    }, 5)
    const { outcome } = await running.result
    clearInterval(lower)
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'memoryBytes' })
    await broker.close()
    expect(await eventually(() => groups().length === 0, 10_000)).toBe(true)
  })

  it('what a killed host left behind is removed, and what a living one has stays', async () => {
    mkdirSync(join(delegated, 'ringfence-999999999-0'))
    mkdirSync(join(delegated, `ringfence-${process.ppid}-0`))
    await using broker = await createBroker({ process: { cgroup: delegated, spares: 0 } })
    await broker.isolation()
    expect(groups()).not.toContain('ringfence-999999999-0')
    expect(groups()).toContain(`ringfence-${process.ppid}-0`)
    rmdirSync(join(delegated, `ringfence-${process.ppid}-0`))
  })
})

/** The second version as it is mounted beside the first: a kernel's own, whichever controllers the first has left it. */
const UNIFIED = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find((path) =>
  existsSync(join(path, 'cgroup.controllers')),
)
const unified = join(UNIFIED ?? tmpdir(), `ringfence-test-v2-${process.pid}`)
const canMakeUnified = ((): boolean => {
  try {
    if (UNIFIED === undefined) return false
    mkdirSync(unified)
    rmdirSync(unified)
    return true
  } catch {
    return false
  }
})()

describe.runIf(canMakeUnified)('a group of the second version', () => {
  beforeAll(() => {
    mkdirSync(unified)
  })
  afterAll(() => rmdirSync(unified))
  const controls = (): boolean => readFileSync(join(unified, 'cgroup.controllers'), 'latin1').includes('memory')

  it('that has no memory among its controllers is not used, and nothing is made or changed in it', () => {
    if (controls()) return
    expect(() => openGroup(unified)).toThrow(`${unified} does not control memory`)
    expect(readdirSync(unified, { withFileTypes: true }).filter((entry) => entry.isDirectory())).toEqual([])
    expect(readFileSync(join(unified, 'cgroup.subtree_control'), 'latin1').trim()).toBe('')
  })

  it.each(JAIL_KINDS.filter((kind) => kind !== 'namespaces' || systemTools().bwrap !== undefined))(
    'is joined by a child before anything of it runs, and can be removed once the child is gone: %s',
    async (kind) => {
      const group = join(unified, `ringfence-${process.pid}-joined`)
      mkdirSync(group)
      const { jail } = await findJail(kind, [])
      if (jail === undefined) throw new Error(`there is no jail "${kind}" here`)
      const child = spawnChild({
        prefix: [],
        jailed: { jail, bounds: { groups: [join(group, 'cgroup.procs')] } },
        nodeFlags: ['--no-warnings', '--openssl-config=/dev/null', '-e', `require('fs').writeSync(3, 'up'); for (;;);`],
        entry: new URL('../../src/jail/level.ts', import.meta.url),
        args: [],
      })
      await once(child.pipe, 'data')
      expect(readFileSync(`/proc/${child.pid}/cgroup`, 'latin1')).toMatch(/^0::.*-joined$/m)
      expect(readFileSync(join(group, 'cgroup.procs'), 'latin1').split('\n')).toContain(String(child.pid))
      expect(readFileSync(join(group, 'cgroup.events'), 'latin1')).toMatch(/^populated 1$/m)
      await child.end()
      expect(
        await eventually(() => /^populated 0$/m.test(readFileSync(join(group, 'cgroup.events'), 'latin1')), 10_000),
      ).toBe(true)
      rmdirSync(group)
    },
  )
})

describe('a group that cannot be used', () => {
  it('is not done without: no child is started', async () => {
    await using broker = await createBroker({ process: { cgroup: '/sys/fs/cgroup/nowhere/at/all' } })
    const seen = (await broker.isolation()).find(({ tier }) => tier === 'process')
    expect(seen).toMatchObject({
      level: 'none',
      missing: [{ cause: expect.stringContaining('control group cannot be used') }],
    })
    const { outcome } = await broker.run('export default () => 42', ATTEMPT)
    expect(outcome).toMatchObject({ kind: 'crashed', detail: expect.stringContaining('control group cannot be used') })
  })

  it.each([
    ['of the first version', []],
    ['of the second version', ['cgroup.controllers', 'cgroup.subtree_control']],
  ])('because it does not control memory is told, and nothing is left in it: %s', (_, files) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-test-'))
    for (const file of files) writeFileSync(join(folder, file), '')
    expect(() => openGroup(folder)).toThrow(`${folder} does not control memory`)
    expect(readdirSync(folder)).toEqual(files)
    rmSync(folder, { recursive: true })
  })
})
