import { afterEach, describe, expect, it } from 'vitest'
import { createBroker } from '../../src/index.ts'
import type { Owner } from '../../src/program/cache.ts'
import { compilerPool } from '../../src/tiers/preparer.ts'
import { compilers } from '../leaks/compilers.ts'
import { eventually } from '../leaks/held.ts'

const A: Owner = { trust: 'untrusted', tenant: 'a' }
const B: Owner = { trust: 'untrusted', tenant: 'b' }
const LIMITED: Owner = { trust: 'limited', tenant: 'a' }

const textOf = (name: string): string => `export default () => '${name}' // ${'-'.repeat(300)}`
/** The parser tries every `<` as the start of type arguments: it is ended at its deadline, nine tenths of a second from now. */
const SLOW = ('a<'.repeat(400) + 'b;').repeat(125)

afterEach(async () => {
  if (!(await eventually(() => compilers().length === 0, 10_000))) throw new Error(`left: ${compilers().join()}`)
})

/** Which processes are there after each text was prepared that were not there before. */
async function started(sharing: 'trust' | 'tenant' | 'none', owners: readonly Owner[]): Promise<readonly boolean[]> {
  await using pool = compilerPool(sharing)
  let known: readonly number[] = []
  const fresh: boolean[] = []
  for (const [at, owner] of owners.entries()) {
    await pool.prepare(textOf(`${sharing} ${at}`), {}, owner)
    const now = compilers()
    fresh.push(now.some((pid) => !known.includes(pid)))
    known = [...known, ...now]
  }
  return fresh
}

describe('a compiler', () => {
  it.each([
    ['trust', [A, B, A, LIMITED, B], [true, false, false, true, false]],
    ['tenant', [A, B, A, LIMITED, B], [true, true, false, true, false]],
  ] as const)('is shared by %s, and by nobody else', async (sharing, owners, fresh) => {
    expect(await started(sharing, owners)).toEqual(fresh)
  })

  it('takes one text and no other where nobody is to share', async () => {
    await using pool = compilerPool('none')
    for (let text = 0; text < 3; text += 1) {
      await pool.prepare(textOf(`none ${text}`), {}, A)
      expect(await eventually(() => compilers().length === 0, 10_000)).toBe(true)
    }
  })

  it('that is busy with one tenant keeps no other waiting, not even of the same trust', async () => {
    await using pool = compilerPool('trust')
    await pool.prepare(textOf('first'), {}, B)
    const order: string[] = []
    const slow = [1, 2, 3].map((nth) => pool.prepare(`${SLOW}${nth}`, {}, A).then(() => order.push('slow')))
    const quick = [1, 2, 3].map((nth) => pool.prepare(textOf(`quick ${nth}`), {}, B).then(() => order.push('quick')))
    await Promise.all([...slow, ...quick])
    expect(order.slice(0, 3)).toEqual(['quick', 'quick', 'quick'])
  })

  it('comes to who had none for longest, however many texts the others have waiting', async () => {
    await using pool = compilerPool('trust')
    const order: string[] = []
    const tenants = Array.from({ length: 12 }, (_none, n): Owner => ({ trust: 'untrusted', tenant: `busy${n}` }))
    const many = tenants.flatMap((owner) =>
      [1, 2, 3, 4].map((nth) =>
        pool.prepare(textOf(`${owner.tenant} ${nth}`), {}, owner).then(() => order.push('many')),
      ),
    )
    const late = pool.prepare(textOf('late'), {}, B).then(() => order.push('late'))
    await Promise.all([...many, late])
    expect(order.indexOf('late')).toBeLessThan(2 * tenants.length)
  })

  it('makes room for another tenant once it is out of use, however many there are', async () => {
    await using pool = compilerPool('tenant')
    const tenants = Array.from({ length: 12 }, (_none, n): Owner => ({ trust: 'untrusted', tenant: `t${n}` }))
    await Promise.all(tenants.map((owner) => pool.prepare(textOf('of many'), {}, owner)))
    // Each is a process and what wraps it.
    expect(compilers().length).toBeLessThan(2 * tenants.length)
  })

  it('goes with its broker, idle or busy', async () => {
    const broker = await createBroker({ sharing: 'tenant' })
    await broker.run(textOf('idle'), { tenant: 'a' })
    const running = broker.start(`${SLOW} // with its broker`, { tenant: 'b' })
    expect(await eventually(() => compilers().length > 1, 10_000)).toBe(true)
    await broker.close()
    expect((await running.result).outcome.kind).toBe('killed')
  })
})
