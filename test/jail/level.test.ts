import { expect, it } from 'vitest'
import { isIsolatedAtLeast } from '../../src/core/isolation.ts'
import { layersOf } from '../../src/jail/layers.ts'
import { ATTEMPTS, type Attempt, levelOf } from '../../src/jail/level.ts'

const allBut = (...allowed: readonly Attempt[]): ReadonlySet<Attempt> =>
  new Set(ATTEMPTS.filter((attempt) => !allowed.includes(attempt)))

it.each<[level: string, allowed: readonly Attempt[]]>([
  ['strong', []],
  // A limit of memory is a layer of its own: shared hosts have none, and their wall is no lower for it.
  ['strong', ['allocate']],
  ['good', ['stat']],
  ['good', ['processes']],
  ['good', ['stat', 'processes', 'allocate']],
  ['basic', ['read']],
  ['basic', ['list']],
  ['basic', ['environment']],
  ['basic', ['write']],
  ['basic', ['read', 'list', 'stat', 'environment', 'write', 'processes']],
  ['none', ['spawn']],
  ['none', ['tcp']],
  ['none', ['udp']],
  ['none', ['unix']],
  ['none', ['listen']],
  ['none', ['signal']],
  ['none', ['kernel']],
  ['none', ATTEMPTS],
])('a wall is %s that lets through: %s', (level, allowed) => {
  expect(levelOf(allBut(...allowed), false)).toBe(level)
})

it.each<[level: string, allowed: readonly Attempt[]]>([
  ['strong', ['spawn', 'kernel']],
  ['good', ['spawn', 'kernel', 'stat']],
  ['basic', ['read']],
  ['none', ['tcp']],
  ['none', ['signal']],
])('an operator’s own runtime may start programs in it and have a kernel of its own: %s with %s', (level, allowed) => {
  expect(levelOf(allBut(...allowed), true)).toBe(level)
})

it('what was not tried counts as allowed', () => {
  expect(levelOf(new Set(), false)).toBe('none')
  expect(levelOf(new Set(), true)).toBe('none')
})

it.each(ATTEMPTS)('a wall that lets %s through is never above one that does not', (attempt) => {
  for (const also of ATTEMPTS) {
    const weaker = levelOf(allBut(attempt, also), false)
    expect(isIsolatedAtLeast(levelOf(allBut(also), false), weaker)).toBe(true)
  }
})

const STATUS = `Name:	node
Uid:	60578	60578	60578	60578
NSpid:	411	1
CapPrm:	0000000000000000
CapEff:	0000000000000000
NoNewPrivs:	1
Seccomp:	2
`
const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max file size             0                    0                    bytes
`

it.each<[name: string, text: string, instead: string, lost: string]>([
  ['NSpid', 'NSpid:	411	1', 'NSpid:	411', 'namespaces'],
  ['Seccomp', 'Seccomp:	2', 'Seccomp:	0', 'seccomp'],
  ['NoNewPrivs', 'NoNewPrivs:	1', 'NoNewPrivs:	0', 'no-new-privileges'],
  ['CapEff', 'CapEff:	0000000000000000', 'CapEff:	0000000000200000', 'no-capabilities'],
  ['CapPrm', 'CapPrm:	0000000000000000', 'CapPrm:	0000000000200000', 'no-capabilities'],
])('a layer that the kernel does not show is not named: %s', (_, text, instead, lost) => {
  const all = layersOf('namespaces', STATUS, LIMITS, allBut())
  expect(all).toContain(lost)
  expect(all).toEqual(
    expect.arrayContaining(['namespaces', 'seccomp', 'no-new-privileges', 'no-capabilities', 'rlimits']),
  )
  expect(layersOf('namespaces', STATUS.replace(text, instead), LIMITS, allBut())).not.toContain(lost)
})

it('Landlock is named by what it denies, and nothing is where /proc shows nothing', () => {
  expect(layersOf('landlock', STATUS, LIMITS, allBut())).toContain('landlock')
  expect(layersOf('landlock', STATUS, LIMITS, allBut('list'))).not.toContain('landlock')
  expect(layersOf('namespaces', STATUS, LIMITS, allBut())).not.toContain('landlock')
  expect(layersOf('seccomp', STATUS, LIMITS, allBut('kernel'))).not.toContain('seccomp')
  expect(layersOf('seccomp', '', '', new Set())).toEqual([])
})
