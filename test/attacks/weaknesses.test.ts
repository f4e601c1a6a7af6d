import assert from 'node:assert/strict'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { openScene } from '../contract/scene.ts'
import { STACK } from './corpus/stack.ts'
import { programOf } from './program.ts'

const attack = STACK.attacks.find(({ title }) => title === 'stacks of errors')
assert.ok(attack)
const { source, options } = programOf(attack)

/** What shared realms do not hold, and what keeps code away from there that would make use of it. */
describe('a realm that shares the heap of the host', () => {
  it.each(['vm', 'worker'] as const)(
    'in the tier %s shows trusted code an error of the host where the stack ends, since such code is shown stacks',
    async (tier) => {
      await using scene = await openScene(tier)
      const { outcome } = await scene.run(source, { ...options, trust: 'trusted' })
      expect(outcome).toMatchObject({ kind: 'returned', value: expect.stringContaining('is foreign') as string })
      const limited = await scene.run(source, { ...options, trust: 'limited' })
      expect(limited.outcome).toEqual({ kind: 'returned', value: '' })
    },
  )

  it('hands listeners of the host for unhandled rejections the value of the guest itself', async () => {
    await using scene = await openScene('vm')
    const reasons: unknown[] = []
    const listener = (reason: unknown): void => void reasons.push(reason)
    process.on('unhandledRejection', listener)
    try {
      const guest = 'Promise.reject({ mark: 1 }); new Promise((done) => setTimeout(done, 5))'
      await scene.run(guest, { trust: 'limited' })
    } finally {
      process.off('unhandledRejection', listener)
    }
    expect(reasons).toEqual([{ mark: 1 }])
    expect(reasons[0] instanceof Object).toBe(false)
  })

  it.each(['untrusted', 'hostile'] as const)('is no place for %s code, whatever its caller asks for', async (trust) => {
    await using scene = await openScene('vm')
    for (const tier of ['vm', 'worker'] as const) {
      const decision = scene.broker.explain('1', { trust, tier })
      expect(decision.verdict === 'refuse' || (decision.tier !== 'vm' && decision.tier !== 'worker')).toBe(true)
    }
  })
})
