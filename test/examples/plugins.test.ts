import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Capabilities, type Plugin, PluginHost } from '../../examples/plugins/plugin-host.ts'
import { PLUGINS, REBATE } from '../../examples/plugins/plugins.ts'
import { type Broker, createBroker } from '../../src/index.ts'

const run = promisify(execFile)
const ORDER = { customer: 'ada', country: 'DE', total: 50 }

let broker: Broker
let heard: string[]

const CAPABILITIES: Capabilities = {
  log: (plugin) => (line: string) => void heard.push(`${plugin}: ${line}`),
  rate: () => async () => 0.2,
}

beforeAll(async () => {
  broker = await createBroker({ sharing: 'tenant' })
  heard = []
})
afterAll(() => broker.close())

/** A host with these plugins. */
async function hostOf(plugins: readonly Plugin[]): Promise<PluginHost> {
  const host = new PluginHost(broker, CAPABILITIES)
  for (const plugin of plugins) await host.install(plugin)
  return host
}

/** What each plugin answered to so many orders, the last one last. */
async function orders(host: PluginHost, count: number): Promise<readonly ReadonlyMap<string, Answer>[]> {
  const all: ReadonlyMap<string, Answer>[] = []
  for (let number = 1; number <= count; number += 1) all.push(await host.emit('onOrder', ORDER))
  return all
}

describe('a host of plugins', () => {
  it('goes on with all others when one hangs and one leaks, which it calls no more', async () => {
    await using host = await hostOf(PLUGINS)
    const [first, ...later] = await orders(host, 8)
    const last = later.at(-1)
    expect(first?.get('hangs')).toMatchObject({ kind: 'off', why: expect.stringMatching(/^hangs exceeded/) })
    expect(first?.get('leaks')).toEqual({ kind: 'answered', value: {} })
    expect(last?.get('leaks')).toEqual({ kind: 'off', why: 'leaks exceeded memoryBytes' })
    expect(last?.get('rebate')).toEqual({ kind: 'answered', value: { rebate: 5 } })
    expect(last?.get('tax')).toEqual({ kind: 'answered', value: { tax: 10 } })
    const { ended } = broker.stats()
    expect((await host.emit('onOrder', ORDER)).get('hangs')).toMatchObject({ kind: 'off' })
    expect(broker.stats().ended.exceeded).toBe(ended.exceeded)
  })

  it('calls the hooks that a plugin has named, and lends what it was granted', async () => {
    await using host = await hostOf([PLUGINS[0], PLUGINS[1]].filter((plugin) => plugin !== undefined))
    heard = []
    expect([...(await host.emit('onStart', undefined)).keys()]).toEqual(['rebate'])
    expect(heard).toEqual(['rebate: ready'])
    const greedy = {
      manifest: { name: 'greedy', hooks: ['onOrder'] },
      source: `import { log } from 'host'; export const onOrder = () => log('mine')`,
    }
    await host.install(greedy)
    const answers = await host.emit('onOrder', ORDER)
    expect(answers.get('greedy')).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('Cannot find module "host"'),
    })
    expect(heard).toEqual(['rebate: ready'])
  })

  it('gives a new version the state of the old one, and keeps the old one when the new one is broken', async () => {
    await using host = await hostOf(PLUGINS.slice(0, 1))
    await orders(host, 3)
    expect(await host.update('rebate', 'export const onOrder = (')).toMatch(/^prepare: SyntaxError/)
    expect(await host.update('rebate', 'throw new Error("not today"); export {}')).toBe('load: Error: not today')
    expect((await host.emit('onOrder', ORDER)).get('rebate')).toEqual({ kind: 'answered', value: { rebate: 5 } })
    expect(await host.update('rebate', REBATE.replace('0.1', '0.2'))).toBeUndefined()
    expect((await host.emit('onOrder', ORDER)).get('rebate')).toEqual({ kind: 'answered', value: { rebate: 10 } })
  })

  it('calls a plugin again that was switched off, once another version of it has taken over', async () => {
    await using host = await hostOf(PLUGINS.filter(({ source }) => source.includes('for (;;)')))
    await orders(host, 1)
    expect(await host.update('hangs', 'export const onOrder = () => "mended"')).toBeUndefined()
    expect((await host.emit('onOrder', ORDER)).get('hangs')).toEqual({ kind: 'answered', value: 'mended' })
  })

  it.each([
    [{ name: 'a', hooks: ['onTea'] }, 'hooks'],
    [{ name: 'Not a name', hooks: ['onOrder'] }, 'name'],
    [{ name: 'a', hooks: ['onOrder'], trust: 'trusted' }, 'trust'],
    [{ name: 'a', hooks: ['onOrder'], limits: {} }, 'limits'],
    [{ name: 'a', hooks: ['onOrder'], capabilities: ['constructor'] }, 'no capability "constructor"'],
  ])('does not install %j', async (manifest, problem) => {
    await using host = await hostOf([])
    await expect(host.install({ manifest, source: 'export {}' })).rejects.toThrow(problem)
  })
})

it('shows itself from the shell', { timeout: 60_000 }, async () => {
  const { stdout } = await run(process.execPath, ['examples/plugins/main.ts'])
  expect(stdout).toContain('hangs: off "hangs exceeded')
  expect(stdout).toContain('leaks: off "leaks exceeded memoryBytes"')
  expect(stdout).toContain('update of rebate: done')
  expect(stdout).toContain('rebate: answered {"rebate":80}')
})
