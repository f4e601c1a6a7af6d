import { describe, expect, it } from 'vitest'
import { createFunctionHost } from '../../src/function-host.ts'
import type { FunctionHost } from '../../src/functions/function-host.ts'
import type { Rate } from '../../src/functions/words.ts'
import { serveFunctions } from '../../src/server/serve.ts'
import { ANYWHERE, ask } from './ask.ts'

const source = 'export default () => 1'
/** A window that no test outlasts. */
const HOUR: Rate = { calls: 2, seconds: 3600 }

const statusesOf = async (host: FunctionHost, name: string, calls: number): Promise<readonly string[]> => {
  const statuses: string[] = []
  for (let call = 0; call < calls; call += 1) statuses.push((await host.invoke(name)).status)
  return statuses
}

describe('the rate of a function', () => {
  it('turns away what is more, says when to come back, and leaves others alone', async () => {
    await using host = await createFunctionHost()
    await host.deploy({ name: 'rare', source, trust: 'trusted', rate: HOUR })
    await host.deploy({ name: 'free', source, trust: 'trusted' })
    expect(await statusesOf(host, 'rare', 3)).toEqual(['ok', 'ok', 'rate_limited'])
    const refused = await host.invoke('rare')
    expect(refused.retryAfterMs).toBeGreaterThan(3_000_000)
    expect(refused).not.toHaveProperty('execution')
    expect(await statusesOf(host, 'free', 3)).toEqual(['ok', 'ok', 'ok'])
  })

  it('counts anew when its window is over', async () => {
    await using host = await createFunctionHost()
    await host.deploy({ name: 'rare', source, trust: 'trusted', rate: { calls: 1, seconds: 1 } })
    expect((await host.invoke('rare')).status).toBe('ok')
    await expect.poll(async () => (await host.invoke('rare')).status, { timeout: 20_000, interval: 100 }).toBe('ok')
  })

  it('stays through deployments that do not speak of it, changes, and goes with "none"', async () => {
    await using host = await createFunctionHost()
    await host.deploy({ name: 'rare', source, trust: 'trusted', rate: HOUR })
    await host.deploy({ name: 'rare', source: `${source} + 1`, trust: 'trusted' })
    expect(await statusesOf(host, 'rare', 3)).toEqual(['ok', 'ok', 'rate_limited'])
    await host.deploy({ name: 'rare', source, trust: 'trusted', rate: { calls: 1, seconds: 3600 } })
    expect((await host.show('rare')).rate).toEqual({ calls: 1, seconds: 3600 })
    expect(await statusesOf(host, 'rare', 2)).toEqual(['ok', 'rate_limited'])
    await host.deploy({ name: 'rare', source, trust: 'trusted', rate: 'none' })
    expect(await host.show('rare')).not.toHaveProperty('rate')
    expect(await statusesOf(host, 'rare', 3)).toEqual(['ok', 'ok', 'ok'])
  })

  it('counts calls of all kinds and versions together, over HTTP as well', async () => {
    await using host = await createFunctionHost()
    await using serving = await serveFunctions(host, ANYWHERE)
    await host.deploy({ name: 'rare', source, trust: 'trusted', rate: HOUR })
    await host.deploy({ name: 'rare', source: `${source} + 1`, trust: 'trusted' })
    expect((await ask(`${serving.url}/fn/rare@1`)).status).toBe(200)
    expect((await host.invoke('rare')).status).toBe('ok')
    const { status, headers, body } = await ask(`${serving.url}/fn/rare`)
    expect([status, JSON.parse(body)]).toMatchObject([429, { error: { code: 'rate_limited' } }])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3000)
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(3600)
  })

  it.each([{ calls: 0, seconds: 1 }, { calls: 1, seconds: 0.5 }, { calls: 1 }, 'fast'])(
    'is refused as %j',
    async (rate) => {
      await using host = await createFunctionHost()
      // @ts-expect-error It is wrong on purpose.
      await expect(host.deploy({ name: 'rare', source, rate })).rejects.toMatchObject({ code: 'RF_BAD_DEPLOYMENT' })
    },
  )
})

describe('the rate of tenants', () => {
  it('is each for itself, and over all functions of one', async () => {
    await using host = await createFunctionHost({ ratePerTenant: HOUR })
    for (const [name, tenant] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
    ] as const) {
      await host.deploy({ name, source, trust: 'trusted', tenant })
    }
    expect(await statusesOf(host, 'a1', 2)).toEqual(['ok', 'ok'])
    expect(await statusesOf(host, 'a2', 1)).toEqual(['rate_limited'])
    expect(await statusesOf(host, 'b1', 2)).toEqual(['ok', 'ok'])
  })

  it('is refused when it is none', async () => {
    await expect(createFunctionHost({ ratePerTenant: { calls: 0, seconds: 1 } })).rejects.toThrow(
      'Cannot create function host: "ratePerTenant" is wrong',
    )
  })
})
