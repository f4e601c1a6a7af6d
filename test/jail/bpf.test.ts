import { describe, expect, it } from 'vitest'
import { assemble } from '../../src/jail/bpf.ts'
import { isFilterable, seccompFilter } from '../../src/jail/seccomp.ts'
import { type Architecture, AUDIT_ARCH, SYSCALLS } from '../../src/jail/syscalls.ts'
import { callOf, decide } from './kernel-filter.ts'

const ARCHITECTURES: readonly Architecture[] = ['x64', 'arm64']
const CLONE_THREAD = 0x10000
const CLONE_NEWUSER = 0x10000000

describe.each(ARCHITECTURES)('the filter for %s', (architecture) => {
  const filter = seccompFilter(architecture)
  const verdict = (name: string, ...args: readonly number[]): string =>
    decide(filter, callOf(architecture, name, ...args))

  it('is whole instructions, as few as the kernel takes, and ends every path with an answer', () => {
    expect(filter.length % 8).toBe(0)
    expect(filter.length / 8).toBeLessThan(4096)
    expect(filter.readUInt16LE(filter.length - 8)).toBe(0x06)
    for (let number = 0; number < 600; number += 1) {
      expect(decide(filter, { number, architecture: AUDIT_ARCH[architecture], args: [] })).toMatch(
        /^(allow|kill|errno \d+)$/,
      )
    }
  })

  it.each([
    'read',
    'write',
    'futex',
    'mmap',
    'mprotect',
    'openat',
    'close',
    'execve',
    'exit_group',
    'tgkill',
    'sendmsg',
  ])('allows what Node needs: %s', (name) => expect(verdict(name)).toBe('allow'))

  it.each([
    'ptrace',
    'process_vm_readv',
    'process_vm_writev',
    'mount',
    'unshare',
    'setns',
    'bpf',
    'perf_event_open',
    'userfaultfd',
    'keyctl',
    'open_by_handle_at',
    'setuid',
    'setresuid',
    'capset',
    'init_module',
    'kexec_load',
    'io_uring_register',
    'pidfd_getfd',
    'chroot',
  ])('ends whoever calls %s', (name) => expect(verdict(name)).toBe('kill'))

  it('answers EPERM to what no rule names', () => {
    const socket = architecture === 'x64' ? 41 : 198
    const kill = architecture === 'x64' ? 62 : 129
    for (const number of [socket, kill, 599]) {
      expect(decide(filter, { number, architecture: AUDIT_ARCH[architecture], args: [] })).toBe('errno 1')
    }
  })

  it.each<[what: string, name: string, args: readonly number[], expected: string]>([
    ['a thread', 'clone', [CLONE_THREAD | 0x3d0f00], 'allow'],
    ['a process', 'clone', [17], 'errno 1'],
    ['a thread in a new user namespace', 'clone', [CLONE_THREAD | CLONE_NEWUSER], 'errno 1'],
    ['anything by clone3', 'clone3', [], 'errno 38'],
    ['private memory', 'mmap', [0, 4096, 3, 0x22], 'allow'],
    ['shared memory', 'mmap', [0, 4096, 3, 0x21], 'errno 12'],
    ['shared memory, checked', 'mmap', [0, 4096, 3, 0x23], 'errno 12'],
    ['reading a limit', 'prlimit64', [0, 2, 0, 0x1000], 'allow'],
    ['setting a limit', 'prlimit64', [0, 2, 0x1000, 0], 'errno 1'],
    ['naming a thread', 'prctl', [15], 'allow'],
    ['becoming undumpable', 'prctl', [4], 'errno 1'],
    ['counting what can be read', 'ioctl', [3, 0x541b], 'allow'],
    ['typing into a terminal', 'ioctl', [0, 0x5412], 'errno 1'],
    ['a ring', 'io_uring_setup', [], 'errno 38'],
    ['memory as a file', 'memfd_create', [], 'errno 38'],
  ])('looks at arguments: %s', (_, name, args, expected) => expect(verdict(name, ...args)).toBe(expected))

  it('ends calls by another interface, whatever their number', () => {
    const other = architecture === 'x64' ? 0x40000003 : AUDIT_ARCH.x64
    expect(decide(filter, { number: 0, architecture: other, args: [] })).toBe('kill')
  })
})

it('ends x32 calls, which bear other numbers than those the filter knows', () => {
  const filter = seccompFilter('x64')
  for (const number of [0, 1, 59, 101]) {
    expect(decide(filter, { number: 0x40000000 + number, architecture: AUDIT_ARCH.x64, args: [] })).toBe('kill')
  }
})

it('takes the first rule that holds, and leaves the number in place for the next', () => {
  const filter = assemble(
    'x64',
    [
      { calls: ['read'], when: [{ argument: 0, test: 'equals', bits: 7 }], action: { errno: 9 } },
      {
        calls: ['read'],
        when: [
          { argument: 1, test: 'any', bits: 6 },
          { argument: 2, test: 'none', bits: 1 },
        ],
        action: 'kill',
      },
      { calls: ['read', 'write'], action: 'allow' },
    ],
    { errno: 1 },
  )
  const read = (...args: readonly number[]): string => decide(filter, callOf('x64', 'read', ...args))
  expect([read(7), read(8), read(8, 2), read(8, 4, 2), read(8, 4, 1), read(8, 1)]).toEqual([
    'errno 9',
    'allow',
    'kill',
    'kill',
    'allow',
    'allow',
  ])
  expect(decide(filter, callOf('x64', 'write', 7))).toBe('allow')
  expect(decide(filter, callOf('x64', 'open'))).toBe('errno 1')
})

it('refuses what is longer than the kernel takes', () => {
  const calls = Array.from({ length: 3000 }, () => 'read')
  expect(() => assemble('x64', [{ calls, action: 'allow' }], 'kill')).toThrow(RangeError)
})

it('has no number twice, and only architectures whose numbers are known', () => {
  for (const architecture of ARCHITECTURES) {
    const numbers = [...SYSCALLS[architecture].values()]
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers.every(Number.isInteger)).toBe(true)
  }
  expect([isFilterable('x64'), isFilterable('arm64'), isFilterable('riscv64')]).toEqual([true, true, false])
})
