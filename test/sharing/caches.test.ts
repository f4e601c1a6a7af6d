import { describe, expect, it } from 'vitest'
import { createBroker, type RunOptions } from '../../src/index.ts'
import { recall } from '../../src/program/cache.ts'
import { prepare } from '../../src/program/prepare.ts'
import { checkOptions } from '../../src/program/prepare-options.ts'
import { partitionOf } from '../../src/tiers/partition.ts'
import { compiled } from '../../src/tiers/script-cache.ts'
import { guestOf } from '../tiers/far-side.ts'

/** Whether the program is remembered for an owner. */
const isKnown = (source: string, trust: string, tenant: string): boolean =>
  recall(source, checkOptions(source, {}), JSON.stringify([trust, tenant])) !== undefined

let texts = 0
/** A text that no other test has, short or long enough to be prepared in another process. */
function freshText(length = 0): string {
  texts += 1
  return `export default () => 'secret recipe ${texts}' // ${'x'.repeat(length)}`
}

describe('what is remembered of a prepared program', () => {
  it.each([0, 5000])('is for its own tenant and level alone (%d characters more)', async (length) => {
    await using broker = await createBroker()
    const source = freshText(length)
    await broker.run(source, { tenant: 'a' })
    expect(isKnown(source, 'untrusted', 'a')).toBe(true)
    expect(isKnown(source, 'untrusted', 'b')).toBe(false)
    expect(isKnown(source, 'hostile', 'a')).toBe(false)
    expect(isKnown(source, 'untrusted', 'default')).toBe(false)
    await broker.run(source, { tenant: 'b' })
    expect(isKnown(source, 'untrusted', 'b')).toBe(true)
  })

  it.each([
    [{ tenant: 'a' }, { tenant: 'a"]' }],
    [{ tenant: 'a","b' }, { tenant: 'a' }],
    [{ tenant: 'untrusted' }, { trust: 'hostile', tenant: 'untrusted' }],
    [{ tenant: 'a\n' }, { tenant: 'a' }],
  ] as const satisfies readonly (readonly [RunOptions, RunOptions])[])('of %j is not of %j', async (one, other) => {
    await using broker = await createBroker()
    const source = freshText()
    await broker.run(source, one)
    expect(isKnown(source, 'trust' in other ? other.trust : 'untrusted', other.tenant)).toBe(false)
  })

  it('is the very object for its owner, and another one for others, so that neither holds what the other has', () => {
    const source = freshText()
    const mine = prepare(source, {}, 'a')
    expect(prepare(source, {}, 'a')).toBe(mine)
    expect(prepare(source, {}, 'b')).not.toBe(mine)
    expect(prepare(source, {}, 'b')).toEqual({ kind: 'ready', program: expect.any(Object) as unknown })
  })

  it('stays when another owner floods, whose own gives way', () => {
    const mine = freshText()
    const known = prepare(mine, {}, 'quiet')
    const first = freshText()
    const flood = prepare(first, {}, 'flood')
    for (let n = 0; n < 300; n += 1) prepare(freshText(), {}, 'flood')
    expect(prepare(mine, {}, 'quiet')).toBe(known)
    expect(prepare(first, {}, 'flood')).not.toBe(flood)
  })
})

describe('what is compiled', () => {
  const script = '({ answer: 42 })'
  const partition = (trust: 'trusted' | 'limited', tenant: string): string =>
    partitionOf({ ...guestOf(), trust, tenant })

  it('is for its own tenant and level alone', () => {
    const mine = compiled(script, partition('trusted', 'a'))
    expect(compiled(script, partition('trusted', 'a'))).toBe(mine)
    expect(compiled(script, partition('trusted', 'b'))).not.toBe(mine)
    expect(compiled(script, partition('limited', 'a'))).not.toBe(mine)
  })

  it('is named without naming the tenant to the carrier that has it', () => {
    const name = partition('trusted', 'Acme Incorporated')
    expect(name).toMatch(/^[0-9a-f]{32}$/)
    expect(new Set([name, partition('limited', 'Acme Incorporated'), partition('trusted', 'b')]).size).toBe(3)
  })

  it.each(['vm', 'worker'] as const)('shows its guest nothing of that in tier "%s"', async (tier) => {
    await using broker = await createBroker()
    const source = `export default function own() {
      const seen = [String(own), new Error('x').stack]
      try { null.x } catch (error) { seen.push(error.stack) }
      return seen.join()
    }`
    const { outcome } = await broker.run(source, { trust: 'trusted', tier, tenant: 'a' })
    expect(outcome.kind).toBe('returned')
    expect(JSON.stringify(outcome)).not.toContain(partition('trusted', 'a'))
  })
})
