import { describe, expect, it } from 'vitest'
import { jsonOf, open } from './scene.ts'

describe('instances', () => {
  const COUNTS = 'let n = 0; export default () => ++n'
  it('are fresh for each call, or serve one call after the other', async () => {
    await using host = await open()
    await host.deploy({ name: 'fresh', source: COUNTS })
    await host.deploy({ name: 'warm', source: COUNTS, instances: { mode: 'per-instance', max: 1, calls: 2 } })
    const call = async (name: string): Promise<unknown> => jsonOf(await host.invoke(name))
    expect([await call('fresh'), await call('fresh')]).toEqual([1, 1])
    expect([await call('warm'), await call('warm'), await call('warm')]).toEqual([1, 2, 1])
  })

  it('are never used again after a limit was reached in them', async () => {
    await using host = await open()
    const source = 'let n = 0; export default (input) => { n += 1; if (input === 1) for (;;); return n }'
    await host.deploy({ name: 'f', source, instances: { mode: 'per-instance', max: 1 }, limits: { wallMs: 200 } })
    expect(jsonOf(await host.invoke('f'))).toBe(1)
    expect(await host.invoke('f', 1)).toMatchObject({ status: 'timeout_wall' })
    expect(jsonOf(await host.invoke('f'))).toBe(1)
  })

  it('of the version before finish their calls when another is deployed', async () => {
    await using host = await open()
    const wait = (n: number): string =>
      `export default async (ms) => { await new Promise((resolve) => setTimeout(resolve, ms)); return ${n} }`
    const instances = { mode: 'per-instance', max: 2 } as const
    await host.deploy({ name: 'f', source: wait(1), instances })
    const slow = host.invoke('f', 500)
    await expect.poll(() => host.stats().inside).toBe(1)
    await host.deploy({ name: 'f', source: wait(2), instances })
    expect(jsonOf(await host.invoke('f', 0))).toBe(2)
    expect(jsonOf(await slow)).toBe(1)
  })
})

describe('versions and aliases', () => {
  const source = (n: number): string => `export default () => ${n}`
  it('are numbered, found again by their content, pointed to and rolled back', async () => {
    await using host = await open()
    const call = async (qualifier?: string): Promise<unknown> =>
      jsonOf(await host.invoke('f', undefined, qualifier === undefined ? {} : { qualifier }))
    for (const n of [1, 2, 3]) await host.deploy({ name: 'f', source: source(n) })
    expect([await call(), await call('1'), await call('3')]).toEqual([3, 1, 3])
    expect(await host.deploy({ name: 'f', source: source(1) })).toMatchObject({ version: 1, unchanged: true })
    expect(await call()).toBe(1)
    await host.rollBack('f')
    expect(await call()).toBe(3)
    await host.rollBack('f', 2)
    expect(await call()).toBe(2)
    await host.pointAlias('f', 'canary', 3)
    expect(await call('canary')).toBe(3)
    await host.removeAlias('f', 'canary')
    await expect(call('canary')).rejects.toMatchObject({ code: 'RF_NO_FUNCTION' })
    expect((await host.versions('f')).map(({ number }) => number)).toEqual([3, 2, 1])
  })

  it('share calls by weight', async () => {
    await using host = await open()
    for (const n of [1, 2]) await host.deploy({ name: 'f', source: source(n), instances: { mode: 'per-instance' } })
    await host.pointAlias('f', 'live', 1, { 2: 0.5 })
    const seen = new Set<unknown>()
    for (let n = 0; n < 60; n += 1) seen.add(jsonOf(await host.invoke('f')))
    expect(seen).toEqual(new Set([1, 2]))
  })

  it.each([
    [{ 2: 1 }, 'a weight is above 0 and below 1'],
    [{ 2: 0.6, 3: 0.6 }, 'not be more than 1 together'],
    [{ 1: 0.5 }, 'has the rest'],
    [{ 9: 0.5 }, 'has no version 9'],
  ])('refuse weights %j', async (weights, message) => {
    await using host = await open()
    for (const n of [1, 2, 3]) await host.deploy({ name: 'f', source: source(n) })
    await expect(host.pointAlias('f', 'live', 1, weights)).rejects.toThrow(message)
  })

  it.each([
    [{ name: '../f' }, '"name"'],
    [{ source: '' }, '"source"'],
    [{ filename: 'a/b.ts' }, '"filename"'],
    [{ trust: 'much' }, '"trust"'],
    [{ limits: { wallMs: -1 } }, '"limits.wallMs"'],
    [{ limits: { wall: 1 } }, '"limits"'],
    [{ environment: { 'a b': '1' } }, '"environment'],
    [{ instances: { min: 5, max: 2 } }, '"instances.min"'],
    [{ instances: 3 }, '"instances"'],
    [{ instances: null }, '"instances"'],
    [{ what: 3 }, 'what'],
    [{ secrets: { A: 'x' } }, 'secret "A"'],
  ])('refuse a deployment with %j', async (wrong, message) => {
    await using host = await open()
    const given = { name: 'f', source: source(1), ...wrong }
    await expect(host.deploy(given as never)).rejects.toMatchObject({
      code: 'RF_BAD_DEPLOYMENT',
      message: expect.stringContaining(message),
    })
  })

  it('keep deployments made at once', async () => {
    await using host = await open()
    const made = await Promise.all([1, 2, 3, 4, 5].map((n) => host.deploy({ name: 'f', source: source(n) })))
    expect(new Set(made.map(({ version }) => version)).size).toBe(5)
    expect((await host.show('f')).latest).toBe(5)
  })

  it('stay with the tenant they began with', async () => {
    await using host = await open()
    await host.deploy({ name: 'f', source: source(1), tenant: 'one' })
    await expect(host.deploy({ name: 'f', source: source(2), tenant: 'two' })).rejects.toThrow(
      'belongs to another tenant',
    )
    expect(await host.invoke('f')).toMatchObject({ tenant: 'one' })
  })
})
