import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ControlPlane } from '../../src/functions/control-plane.ts'
import { checkDeployment, versionOf } from '../../src/functions/deployment.ts'
import { memoryControlPlane } from '../../src/functions/memory-control-plane.ts'
import type { TokenRecord } from '../../src/functions/roles.ts'
import { sqliteControlPlane } from '../../src/functions/sqlite-control-plane.ts'
import type { FunctionRecord, FunctionVersion } from '../../src/functions/words.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-registry-'))
  file = join(folder, 'functions.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true }))

const recordOf = (name: string, revision: number, latest = 0): FunctionRecord => ({
  name,
  tenant: 'default',
  access: 'token',
  aliases: { live: { version: latest } },
  latest,
  secrets: {},
  createdAt: '2026-11-23T00:00:00.000Z',
  changedAt: '2026-11-23T00:00:00.000Z',
  revision,
})
const versionNumbered = (name: string, number: number): FunctionVersion =>
  versionOf(checkDeployment({ name, source: `export default () => ${number}` }), number, '2026-11-23T00:00:00.000Z')

const summaryOf = ({ source, ...summary }: FunctionVersion): object => {
  expect(source).toContain('export')
  return summary
}

describe.each<[string, () => ControlPlane]>([
  ['memory', () => memoryControlPlane()],
  ['SQLite', () => sqliteControlPlane(file)],
])('a registry in %s', (_, open) => {
  it('gives back what was committed, and nothing else', async () => {
    await using plane = open()
    const [one, two] = [versionNumbered('f', 1), versionNumbered('f', 2)]
    expect(await plane.commit({ record: recordOf('f', 1, 1), version: one })).toBe(true)
    expect(await plane.commit({ record: recordOf('f', 2, 2), version: two })).toBe(true)
    expect(await plane.commit({ record: recordOf('e', 1) })).toBe(true)
    expect(await plane.read('f')).toEqual(recordOf('f', 2, 2))
    expect(await plane.read('g')).toBeUndefined()
    expect((await plane.list()).map(({ name }) => name)).toEqual(['e', 'f'])
    expect(await plane.readVersion('f', 1)).toEqual(one)
    expect(await plane.readVersion('f', 3)).toBeUndefined()
    expect(await plane.findVersion('f', two.hash)).toEqual(summaryOf(two))
    expect(await plane.findVersion('e', two.hash)).toBeUndefined()
    expect(await plane.versions('f')).toEqual([summaryOf(two), summaryOf(one)])
  })

  it('writes nothing of a change that came second', async () => {
    await using plane = open()
    expect(await plane.commit({ record: recordOf('f', 1) })).toBe(true)
    expect(await plane.commit({ record: recordOf('f', 1), version: versionNumbered('f', 1) })).toBe(false)
    expect(await plane.commit({ record: recordOf('f', 3), version: versionNumbered('f', 1) })).toBe(false)
    expect(await plane.commit({ record: recordOf('none', 2) })).toBe(false)
    expect(await plane.versions('f')).toEqual([])
    expect(await plane.remove('f', 2)).toBe(false)
    expect(await plane.remove('f', 1)).toBe(true)
    expect(await plane.read('f')).toBeUndefined()
  })

  it('forgets the versions of what is removed', async () => {
    await using plane = open()
    await plane.commit({ record: recordOf('f', 1, 1), version: versionNumbered('f', 1) })
    await plane.remove('f', 1)
    await plane.commit({ record: recordOf('f', 1) })
    expect(await plane.versions('f')).toEqual([])
    expect(await plane.readVersion('f', 1)).toBeUndefined()
  })
})

describe.each<[string, () => ControlPlane]>([
  ['memory', () => memoryControlPlane()],
  ['SQLite', () => sqliteControlPlane(file)],
])('tokens in a registry in %s', (_, open) => {
  it('are given back as they were put, until they are removed', async () => {
    await using plane = open()
    const [one, two] = [tokenOf('1'), { ...tokenOf('2'), tenant: 'acme', note: 'CI' }]
    await plane.putToken(one)
    await plane.putToken(two)
    expect(await plane.readToken(two.id)).toEqual(two)
    expect(await plane.readToken('3')).toBeUndefined()
    expect(await plane.tokens()).toEqual([one, two])
    expect([await plane.removeToken(one.id), await plane.removeToken(one.id)]).toEqual([true, false])
    expect(await plane.tokens()).toEqual([two])
  })
})

const tokenOf = (id: string): TokenRecord => ({
  id,
  role: 'operator',
  hash: id.repeat(64),
  createdAt: '2026-11-23T00:00:00.000Z',
})

describe('a registry in a file', () => {
  it('of the format before there were tokens keeps what it has', async () => {
    {
      await using plane = sqliteControlPlane(file)
      await plane.commit({ record: recordOf('f', 1) })
    }
    const database = new DatabaseSync(file)
    database.exec('DROP TABLE tokens; PRAGMA user_version = 1')
    database.close()
    await using plane = sqliteControlPlane(file)
    expect(await plane.read('f')).toEqual(recordOf('f', 1))
    await plane.putToken(tokenOf('1'))
    await using other = sqliteControlPlane(file)
    expect(await other.tokens()).toEqual([tokenOf('1')])
  })

  it('is there after it was closed, and for two at once', async () => {
    {
      await using plane = sqliteControlPlane(file)
      await plane.commit({ record: recordOf('f', 1, 1), version: versionNumbered('f', 1) })
    }
    await using plane = sqliteControlPlane(file)
    await using other = sqliteControlPlane(file)
    expect(await other.commit({ record: recordOf('f', 2, 1) })).toBe(true)
    expect(await plane.read('f')).toEqual(recordOf('f', 2, 1))
    expect(await plane.commit({ record: recordOf('f', 2, 1) })).toBe(false)
  })

  it.each<[string, () => void]>([
    [
      'is no database',
      () => writeFileSync(file, 'something else, and long enough to be looked at as a header of a file'),
    ],
    [
      'is another database',
      () => {
        const database = new DatabaseSync(file)
        database.exec('CREATE TABLE other (x)')
        database.close()
      },
    ],
    [
      'is of a later format',
      () => {
        const database = new DatabaseSync(file)
        database.exec('PRAGMA user_version = 99')
        database.close()
      },
    ],
  ])('that %s is left as it is, and told', (_, spoil) => {
    spoil()
    expect(() => sqliteControlPlane(file)).toThrow(expect.objectContaining({ code: 'RF_BAD_STATE' }))
  })

  it('in which somebody wrote something else is told when that is read', async () => {
    await using plane = sqliteControlPlane(file)
    await plane.commit({ record: recordOf('f', 1) })
    const database = new DatabaseSync(file)
    database.exec(`UPDATE functions SET record = '{"name":"f"}'`)
    database.close()
    await expect(plane.read('f')).rejects.toMatchObject({ code: 'RF_BAD_STATE' })
  })
})
