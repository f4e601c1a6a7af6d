import { spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { isFilterable, seccompFilter } from '../../src/jail/seccomp.ts'
import { SYSCALLS } from '../../src/jail/syscalls.ts'
import { systemTools } from '../../src/jail/tools.ts'

const PERL = systemTools().perl ?? 'perl'
const LAUNCHER = fileURLToPath(new URL('../../src/jail/launch.pl', import.meta.url))
const ECHO = ['/bin/echo', 'started']
const isRoot = process.getuid?.() === 0
const { arch } = process
if (!isFilterable(arch)) throw new Error(`no filter is known for ${arch}`)
const FILTER = seccompFilter(arch).toString('hex')
const { EPERM, ENOSYS, ENOMEM } = constants.errno

function launch(options: readonly string[], command: readonly string[] = ECHO) {
  return spawnSync(PERL, [LAUNCHER, ...options, '--', ...command], { env: {}, encoding: 'utf8', timeout: 10_000 })
}

describe('the launcher', () => {
  it('starts the command when every layer asked for is on', () => {
    const { stdout, status } = launch(['--parent', String(process.pid), '--limit', '4:0', '--keep', '3'])
    expect([stdout, status]).toEqual(['started\n', 0])
  })

  it.each<[what: string, options: readonly string[], cause: RegExp]>([
    ['a group that is not there', ['--cgroup', '/sys/fs/cgroup/nowhere/cgroup.procs'], /cannot open .*nowhere/],
    ['a limit that does not exist', ['--limit', '99:0'], /cannot read limit 99/],
    ['a path that does not exist', ['--read', '/nowhere/at/all'], /cannot open \/nowhere\/at\/all/],
    ['a filter that is none', ['--filter', 'ffff'], /cannot run under seccomp/],
    ['a command that is not there', ['--keep', '2'], /cannot start \/nowhere/],
    ['another parent', ['--parent', '1'], /^$/],
    ['root as its user', ['--user', '0'], isRoot ? /cannot leave root/ : /cannot leave the groups/],
  ])('starts nothing weaker where it meets %s', (what, options, cause) => {
    const command = what.startsWith('a command') ? ['/nowhere'] : ECHO
    const { stdout, stderr, status } = launch(options, command)
    expect(stdout).toBe('')
    expect(stderr).toMatch(cause)
    expect(status).not.toBe(0)
  })

  it.skipIf(isRoot)('that is not root cannot become somebody else, and starts nothing', () => {
    expect(launch(['--user', '60578'])).toMatchObject({ stdout: '', status: 125 })
  })

  it.runIf(isRoot)('leaves root for good: user, groups and capabilities', () => {
    const { stdout } = launch(['--user', '60578'], ['/bin/cat', '/proc/self/status'])
    expect(stdout).toMatch(/^Uid:\s+60578\s+60578\s+60578\s+60578$/m)
    expect(stdout).toMatch(/^Gid:\s+60578\s+60578\s+60578\s+60578$/m)
    expect(stdout).toMatch(/^Groups:\s*$/m)
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
      expect(stdout).toMatch(new RegExp(`^${set}:\\s+0+$`, 'm'))
    }
    expect(stdout).toMatch(/^NoNewPrivs:\s+1$/m)
  })

  it('sets limits that cannot be raised again, and never raises one itself', () => {
    const { stdout } = launch(['--limit', '7:20', '--limit', '1:0'], ['/bin/cat', '/proc/self/limits'])
    expect(stdout).toMatch(/^Max open files\s+20\s+20\s/m)
    expect(stdout).toMatch(/^Max file size\s+0\s+0\s/m)
    const twice = [PERL, LAUNCHER, '--limit', '7:50', '--', '/bin/cat', '/proc/self/limits']
    expect(launch(['--limit', '7:30'], twice).stdout).toMatch(/^Max open files\s+30\s+30\s/m)
  })

  it('leaves no descriptor open but those named', () => {
    const command = [
      '-c',
      `exec 7</etc/passwd; exec "$@"`,
      'sh',
      PERL,
      LAUNCHER,
      '--keep',
      '3',
      '--',
      '/bin/ls',
      '/proc/self/fd',
    ]
    const { stdout } = spawnSync('/bin/sh', command, { env: {}, encoding: 'utf8' })
    expect(stdout.split('\n')).not.toContain('7')
    expect(stdout.split('\n')).toContain('0')
  })
})

const number = (name: string): number => SYSCALLS[arch].get(name) ?? -1
/** Those that the table has not, since no rule names them; numbers on x86-64 and on arm64. */
const unnamed = (x64: number, arm64: number): number => (arch === 'x64' ? x64 : arm64)

describe('the filter, asked by the kernel', () => {
  const raw = (call: number, ...args: readonly number[]) =>
    launch(
      ['--filter', FILTER],
      [
        PERL,
        '-e',
        'my ($n, @a) = map { int } @ARGV; print syscall($n, @a) < 0 ? 0 + $! : "done"',
        String(call),
        ...args.map(String),
      ],
    )

  it.each<[name: string, call: number, args: readonly number[]]>([
    ['ptrace', number('ptrace'), [0, 0, 0, 0]],
    ['unshare', number('unshare'), [0x10000000]],
    ['setns', number('setns'), [0, 0]],
    ['mount', number('mount'), [0, 0, 0, 0, 0]],
    ['bpf', number('bpf'), [0, 0, 0]],
    ['keyctl', number('keyctl'), [0, 0, 0]],
    ['userfaultfd', number('userfaultfd'), [0]],
    ['process_vm_readv', number('process_vm_readv'), [1, 0, 0, 0, 0, 0]],
    ['setuid', number('setuid'), [0]],
    ['capset', number('capset'), [0, 0]],
  ])('ends who calls %s by SIGSYS', (_, call, args) => {
    expect(raw(call, ...args)).toMatchObject({ signal: 'SIGSYS', stdout: '' })
  })

  it.each<[name: string, expected: number, call: number, args: readonly number[]]>([
    ['socket', EPERM, unnamed(41, 198), [1, 1, 0]],
    ['a netlink socket', EPERM, unnamed(41, 198), [16, 3, 0]],
    ['kill', EPERM, unnamed(62, 129), [-1, 0]],
    ['a new process', EPERM, number('clone'), [17, 0, 0, 0, 0]],
    ['clone3', ENOSYS, number('clone3'), [0, 0]],
    ['an io_uring', ENOSYS, number('io_uring_setup'), [8, 0]],
    ['memfd_create', ENOSYS, number('memfd_create'), [0, 0]],
    ['shared memory', ENOMEM, number('mmap'), [0, 4096, 3, 0x21, -1, 0]],
    ['setting a limit', EPERM, number('prlimit64'), [0, 7, 1, 0]],
    ['shmget', EPERM, unnamed(29, 194), [0, 4096, 0o1600]],
    ['a new name for the machine', EPERM, unnamed(170, 161), [0, 0]],
  ])('refuses %s', (_, expected, call, args) => {
    expect(raw(call, ...args)).toMatchObject({ stdout: String(expected), signal: null })
  })

  it.each<[name: string, call: number, args: readonly number[]]>([
    ['getpid', number('getpid'), []],
    ['private memory', number('mmap'), [0, 4096, 3, 0x22, -1, 0]],
    ['sched_yield', number('sched_yield'), []],
  ])('lets %s through', (_, call, args) => {
    expect(raw(call, ...args)).toMatchObject({ stdout: 'done', signal: null })
  })

  it('holds for what is executed under it too', () => {
    const inner = [PERL, '-e', `exec '${PERL}', '-e', 'syscall(${number('unshare')}, 0); print "free"'`]
    expect(launch(['--filter', FILTER], inner)).toMatchObject({ signal: 'SIGSYS', stdout: '' })
  })
})
