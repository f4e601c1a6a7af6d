import { describe, expect, it } from 'vitest'
import { nameOf, parseScope, reaches, type Subject } from '../../src/broker/scope.ts'
import type { Scope } from '../../src/core/types.ts'

const subject: Subject = { tier: 'isolate', trust: 'untrusted', tenant: 'acme', program: 'abc' }

describe('scopes', () => {
  it.each<[Scope, Scope]>([
    [{ tier: 'isolate' }, { tier: 'vm' }],
    [{ trust: 'untrusted' }, { trust: 'trusted' }],
    [{ tenant: 'acme' }, { tenant: 'other' }],
    [{ program: 'abc' }, { program: 'abd' }],
  ])('%j reaches what it names, and %j does not', (inside, outside) => {
    expect(reaches(inside, subject)).toBe(true)
    expect(reaches(outside, subject)).toBe(false)
  })

  it('reaches everything with "all"', () => {
    expect(reaches({ all: true }, { trust: 'hostile', tenant: 'x' })).toBe(true)
  })

  it('does not reach by tier or program what has neither', () => {
    const refused: Subject = { trust: 'hostile', tenant: 'acme' }
    expect(reaches({ tier: 'vm' }, refused)).toBe(false)
    expect(reaches({ program: 'abc' }, refused)).toBe(false)
    expect(reaches({ tenant: 'acme' }, refused)).toBe(true)
  })

  it('names every scope differently', () => {
    const scopes: Scope[] = [
      { all: true },
      { tier: 'vm' },
      { trust: 'hostile' },
      { tenant: 'vm' },
      { tenant: 'acme' },
      { program: 'vm' },
    ]
    expect(new Set(scopes.map(nameOf)).size).toBe(scopes.length)
  })

  it.each([
    [null, TypeError],
    ['all', TypeError],
    [{}, TypeError],
    [{ all: false }, TypeError],
    [{ tier: 'vm', tenant: 'acme' }, TypeError],
    [{ owner: 'acme' }, TypeError],
    [{ tier: 'moon' }, RangeError],
    [{ tier: 7 }, TypeError],
    [{ tenant: '' }, RangeError],
    [{ program: 7 }, TypeError],
  ])('refuses %j', (scope, kind) => {
    expect(() => parseScope(scope, 'Cannot kill')).toThrow(kind)
    expect(() => parseScope(scope, 'Cannot kill')).toThrow(/^Cannot kill: /)
  })
})
