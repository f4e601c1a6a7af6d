import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBroker, type Isolation, type Outcome } from '../../src/index.ts'
import { firstWords } from '../kills/first-words.ts'

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const run = promisify(execFile)
const CC = '/usr/bin/cc'
const IS_ROOT = process.getuid?.() === 0
/** A user who has no other process, of which the kernel counts all together. */
const NOBODY_ELSE = 61_000 + (process.pid % 4000)
const SERVED: Outcome = { kind: 'returned', value: 42 }
const TIMEOUT_MS = 120_000

interface Told {
  readonly outcomes: readonly Outcome[]
  readonly running: number
  readonly queued: number
}

/** What a host said of one round of calls, one in each tier with children. */
interface Round {
  readonly told: readonly { readonly outcome: Outcome; readonly isolation?: Isolation }[]
  readonly left: number
}

const roundsOf = (stdout: string): readonly Round[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Round)

/** Runs a host that may open so many descriptors. */
async function hostWith(descriptors: number): Promise<Told> {
  const { stdout } = await run('prlimit', [
    `--nofile=${descriptors}`,
    '--',
    process.execPath,
    fileOf('host-under-limits.ts'),
  ])
  return JSON.parse(stdout) as Told
}

/** Starts a host that tells one round, and tells another once it hears that it has what it lacked. */
async function twoRounds(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  relieve: (host: ChildProcess) => Promise<unknown>,
): Promise<readonly Round[]> {
  const [program, ...args] = [...command, process.execPath, fileOf('recovering-host.ts')]
  const host = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...env } })
  try {
    const first = await firstWords(host.stdout)
    await relieve(host)
    host.stdin.end('go on\n')
    return roundsOf(`${first.trim()}\n${await text(host.stdout)}`)
  } finally {
    host.kill('SIGKILL')
    if (host.exitCode === null && host.signalCode === null) await once(host, 'exit')
  }
}

/** What this machine's wall is, where it has one at all. */
const WHOLE: readonly (string | undefined)[] = ['good', 'strong']

/** Every call of the first round ended with a type, and every one of the second was served behind the whole wall. */
const whatIsWrong = (rounds: readonly Round[]): readonly string[] => {
  const [first, second] = rounds
  if (first === undefined || second === undefined || rounds.length !== 2) return [`${rounds.length} rounds`]
  const typed = first.told.filter(({ outcome }) => /^(?:returned|threw|crashed|refused)$/.test(outcome.kind))
  const unserved = second.told.filter(
    ({ outcome, isolation }) => outcome.kind !== 'returned' || !WHOLE.includes(isolation?.level),
  )
  return [
    ...(typed.length === 2 ? [] : [`at first: ${JSON.stringify(first.told)}`]),
    ...unserved.map((one) => `afterwards: ${JSON.stringify(one)}`),
    ...(first.left + second.left === 0 ? [] : ['calls are left']),
  ]
}

describe.concurrent('a host that is out of descriptors', () => {
  it('gives each call a typed ending that names the cause, and leaves nothing that would keep it alive', async () => {
    const { outcomes, running, queued } = await hostWith(24)
    expect(outcomes).toHaveLength(12)
    expect(running + queued).toBe(0)
    const failures = outcomes.map((outcome) => {
      if (outcome.kind === 'crashed') return outcome.detail
      return outcome.kind === 'refused' ? outcome.reason : 'none'
    })
    expect(failures.filter((reason) => !reason.includes('EMFILE'))).toEqual([])
  })

  it('serves when it has enough of them', async () => {
    const { outcomes } = await hostWith(1024)
    expect(outcomes).toEqual(Array.from({ length: 12 }, () => SERVED))
  })

  it.each([0, 12])(
    'and has %d left, lives, and has its whole wall again when there is room',
    async (left) => {
      const args = ['--nofile=200', '--', process.execPath, fileOf('recovering-host.ts'), String(left)]
      const { stdout } = await run('prlimit', args)
      expect(whatIsWrong(roundsOf(stdout))).toEqual([])
    },
    TIMEOUT_MS,
  )
})

describe.skipIf(!IS_ROOT)('a host whose user may have no more processes', () => {
  it(
    'ends each call with a type, lives, and serves when there is room',
    async () => {
      const user = ['setpriv', '--reuid', String(NOBODY_ELSE), '--regid', String(NOBODY_ELSE), '--clear-groups']
      const rounds = await twoRounds([...user, 'prlimit', '--nproc=16:4096', '--'], {}, async ({ pid }) =>
        run('setpriv', [...user.slice(1), 'prlimit', '--pid', String(pid), '--nproc=4096:4096']),
      )
      expect(whatIsWrong(rounds)).toEqual([])
    },
    TIMEOUT_MS,
  )
})

describe.skipIf(!existsSync(CC))('a system that has no memory for another process', () => {
  let folder: string
  let env: { readonly LD_PRELOAD: string; readonly NO_MEMORY: string }
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ringfence-memory-'))
    env = { LD_PRELOAD: join(folder, 'no-memory.so'), NO_MEMORY: join(folder, 'full') }
    await run(CC, ['-O1', '-shared', '-fPIC', '-o', env.LD_PRELOAD, fileOf('no-memory.c'), '-ldl'])
    writeFileSync(env.NO_MEMORY, '')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it(
    'gives each call a typed ending that names the cause, and serves when there is room',
    async () => {
      const rounds = await twoRounds([], env, () => Promise.resolve(unlinkSync(env.NO_MEMORY)))
      const outcomes = rounds[0]?.told.map(({ outcome }) => outcome) ?? []
      expect(outcomes.map(({ kind }) => kind)).toEqual(['crashed', 'crashed'])
      for (const outcome of outcomes) expect(JSON.stringify(outcome)).toContain('ENOMEM')
      expect(whatIsWrong(rounds)).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'is asked less and less often for compilers, calls are refused with the cause, and served when there is room',
    async () => {
      const { stdout } = await run(process.execPath, [fileOf('host-without-compilers.ts')], {
        env: { ...process.env, ...env },
      })
      const { without, last } = JSON.parse(stdout) as { readonly without: readonly Outcome[]; readonly last: Outcome }
      for (const outcome of without) expect(JSON.stringify(outcome)).toContain('ENOMEM')
      expect(without[0]?.kind).toBe('crashed')
      expect(without.at(-1)).toMatchObject({
        kind: 'refused',
        reason: expect.stringMatching(/compilers.* failed \d+ times/) as string,
      })
      expect(last).toEqual(SERVED)
    },
    TIMEOUT_MS,
  )
})

describe('a disk that is full', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringfence-full-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('makes a block reject that holds all the same, keeps what is blocked, and is written to when there is room', async () => {
    const file = join(folder, 'blocks.json')
    const scope = { tenant: 'acme' }
    const broker = await createBroker({ state: { file } })
    await broker.block({ tenant: 'before' }, 'unpaid')
    symlinkSync('/dev/full', `${file}.next`)
    await expect(broker.block(scope, 'unpaid')).rejects.toMatchObject({
      code: 'RF_STATE_NOT_SAVED',
      message: expect.stringContaining('ENOSPC') as string,
    })
    expect((await broker.run('1', { tenant: 'acme' })).outcome.kind).toBe('refused')
    await expect(broker.unblock({ tenant: 'before' })).rejects.toMatchObject({ code: 'RF_STATE_NOT_SAVED' })
    expect((await broker.run('1', { tenant: 'before' })).outcome.kind).toBe('refused')
    expect((await broker.run('6 * 7', { tenant: 'other' })).outcome).toEqual(SERVED)
    unlinkSync(`${file}.next`)
    await broker.block(scope, 'unpaid')
    await broker.close()
    await using next = await createBroker({ state: { file } })
    expect(next.blocked().map((block) => block.scope)).toEqual(expect.arrayContaining([scope, { tenant: 'before' }]))
  })

  it.skipIf(!IS_ROOT)(
    'for temporary files, leaves a host that lives, and has its whole wall again when there is room',
    async () => {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder])
      try {
        const filler = join(folder, 'filler')
        expect(() => writeFileSync(filler, Buffer.alloc(2 ** 20))).toThrow('ENOSPC')
        const rounds = await twoRounds([], { TMPDIR: folder }, () => Promise.resolve(unlinkSync(filler)))
        expect(whatIsWrong(rounds)).toEqual([])
      } finally {
        await run('umount', ['-l', folder])
      }
    },
    TIMEOUT_MS,
  )
})
