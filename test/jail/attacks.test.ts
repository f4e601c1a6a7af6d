import { describe, expect, it } from 'vitest'
import { systemTools } from '../../src/jail/tools.ts'
import { runAs, USERS } from './as-user.ts'
import { attacksWith } from './attacks.ts'

const NOTHING = { folder: '', secret: '', socket: '', parent: 0, tcp: 0, udp: 0 }
/** Reading is what the weakest jail leaves, and nothing else. */
const READING = [
  'reads a file that everybody may read',
  'reads the list of users',
  'lists a folder',
  'lists what the machine is',
  'reads its own memory map',
]

interface Report {
  readonly through: readonly string[]
  readonly reached: readonly string[]
}

async function attack(user: string, kind: string): Promise<Report> {
  const { stdout, stderr } = await runAs(user, 'attack-jail.ts', [kind])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Report
}

describe.each(USERS)('started by %s', (user) => {
  it.runIf(systemTools().bwrap !== undefined)('namespaces let no attack through', async () => {
    expect(await attack(user, 'namespaces')).toMatchObject({ through: [], reached: [] })
  })

  it('Landlock lets no attack through', async () => {
    expect(await attack(user, 'landlock')).toMatchObject({ through: [], reached: [] })
  })

  it('seccomp alone leaves reading, and nothing else', async () => {
    const { through, reached } = await attack(user, 'seccomp')
    expect(reached).toEqual([])
    expect(through).toEqual(expect.arrayContaining(READING))
    // Root's children are another user than their parent.
    const allowed = user === 'root' ? READING : [...READING, 'reads the environment of its parent']
    expect(through.filter((name) => !allowed.includes(name))).toEqual([])
  })
})

/** What an ordinary user may not do anywhere. */
const IMPOSSIBLE = ['reads the environment of the first process', 'makes an empty file in its root']

it('outside of any jail every attack gets through that an ordinary user can make at all', async () => {
  const { through, reached } = await attack('an ordinary user', 'none')
  const names = Object.keys(attacksWith(NOTHING))
  expect(names.filter((name) => !through.includes(name))).toEqual(names.filter((name) => IMPOSSIBLE.includes(name)))
  expect([...reached].toSorted()).toEqual(['tcp', 'udp', 'unix'])
})
