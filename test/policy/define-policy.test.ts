import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../src/policy/default-policy.ts'
import { definePolicy } from '../../src/policy/define-policy.ts'

describe('definePolicy', () => {
  it('gives the default policy for an empty document', () => {
    expect(definePolicy({})).toEqual(DEFAULT_POLICY)
    expect(definePolicy({ levels: {} })).toEqual(DEFAULT_POLICY)
  })

  it('keeps the defaults of everything the document leaves out', () => {
    const policy = definePolicy({ levels: { untrusted: { limits: { wallMs: 2000 } } } })
    expect(policy.levels.untrusted).toEqual({
      ...DEFAULT_POLICY.levels.untrusted,
      limits: { ...DEFAULT_POLICY.levels.untrusted.limits, wallMs: 2000 },
    })
    expect(policy.levels.trusted).toEqual(DEFAULT_POLICY.levels.trusted)
  })

  it('lets the default routes rise with a raised floor', () => {
    const policy = definePolicy({ levels: { limited: { floor: 'isolate' }, trusted: { floor: 'thread' } } })
    expect(policy.levels.limited.tiers).toEqual({ light: 'isolate', cpu: 'isolate' })
    expect(policy.levels.trusted.tiers).toEqual({ light: 'worker', cpu: 'worker' })
  })

  it.each([
    [
      { levels: { untrusted: { light: 'vm' } } },
      '"levels.untrusted.light" must be a tier with a wall of "isolate" or stronger, received "vm"',
    ],
    [
      { levels: { untrusted: { cpu: 'worker' } } },
      '"levels.untrusted.cpu" must be a tier with a wall of "isolate" or stronger, received "worker"',
    ],
    [
      { levels: { hostile: { light: 'isolate' } } },
      '"levels.hostile.light" must be a tier with a wall of "process" or stronger, received "isolate"',
    ],
    [
      { levels: { hostile: { floor: 'isolate' } } },
      '"levels.hostile.floor" must be "process" or stronger, received "isolate"',
    ],
    [
      { levels: { limited: { floor: 'process', cpu: 'isolate' } } },
      '"levels.limited.cpu" must be a tier with a wall of "process" or stronger, received "isolate"',
    ],
    [
      { levels: { hostile: { functions: 'all' } } },
      '"levels.hostile.functions" must name functions, received a grant of all of them',
    ],
    [
      { levels: { hostile: { functions: ['*/*'] } } },
      '"levels.hostile.functions" must name functions, received a grant of all of them',
    ],
    [
      { levels: { trusted: { limits: { memoryBytes: 1024 } } } },
      '"levels.trusted.limits.memoryBytes" must be at least 8388608, received 1024',
    ],
    [
      { levels: { trusted: { limits: { wallMs: '5s' } } } },
      '"levels.trusted.limits.wallMs" must be a number, received string',
    ],
    [
      { levels: { trusted: { limits: { wallMs: 0 } } } },
      '"levels.trusted.limits.wallMs" must be at least 1, received 0',
    ],
    [
      { levels: { trusted: { codeFromStrings: false } } },
      '"levels.trusted.codeFromStrings" has an invalid option: expected one of "allow"|"refuse"',
    ],
    [{ levels: { trusted: { limits: { speed: 1 } } } }, '"levels.trusted.limits" has an unrecognized key: "speed"'],
    [{ levels: { friendly: {} } }, '"levels" has an unrecognized key: "friendly"'],
    [{ levles: {} }, 'the document has an unrecognized key: "levles"'],
    [null, 'the document has an invalid input: expected object, received null'],
  ])('refuses %j', (document, problem) => {
    expect(() => definePolicy(document)).toThrow(
      expect.objectContaining({ code: 'RF_BAD_POLICY', message: `Cannot define policy: ${problem}` }),
    )
  })

  it('lists every problem at once', () => {
    const document = { levels: { untrusted: { light: 'vm', cpu: 'vm' }, hostile: { light: 'vm' } } }
    expect(() => definePolicy(document)).toThrow(/untrusted\.light.*; .*untrusted\.cpu.*; .*hostile\.light/)
  })
})
