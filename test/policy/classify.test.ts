import { expect, it } from 'vitest'
import { classify } from '../../src/policy/facts.ts'

it('fills in the safe side of what the caller left open', () => {
  expect(classify({ source: '1', input: '' })).toEqual({
    trust: 'untrusted',
    workload: 'light',
    functions: [],
    sourceBytes: 1,
    inputBytes: 0,
    tenant: 'default',
  })
})

it('counts bytes, not characters, and every module passed as text', () => {
  const facts = classify({ source: 'ä', modules: ['€', 'x'], input: '🦊' })
  expect(facts).toMatchObject({ sourceBytes: 6, inputBytes: 4 })
})

it('keeps what the caller said', () => {
  const said = {
    trust: 'hostile',
    workload: 'cpu',
    tier: 'process',
    limits: { wallMs: 5 },
    functions: [{ name: 'host/a', sync: true }],
    tenant: 'acme',
    program: 'abc',
  } as const
  expect(classify({ source: '', input: '', ...said })).toEqual({ ...said, sourceBytes: 0, inputBytes: 0 })
})
