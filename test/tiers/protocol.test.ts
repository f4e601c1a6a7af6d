import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseReport, type Report } from '../../src/tiers/protocol.ts'
import { failureOf } from './failure-of.ts'

const REPORTS: readonly Report[] = [
  { t: 'ready', version: 1, threadId: 0 },
  { t: 'opened', s: 0 },
  { t: 'failed', s: 1 },
  { t: 'closed', s: 2 },
  { t: 'stuck', s: 3 },
  { t: 'out', s: 4, cpuMs: 0.5, memoryBytes: 1000 },
  { t: 'out', s: 4 },
  { t: 'usage', s: 5, cpuMs: 0 },
  { t: 'ended', s: 6 },
  { t: 'ended', s: 6, cut: true },
  { t: 'ended', s: 6, limit: 'cpuMs', memoryBytes: 1 },
  { t: 'sync', s: 7, name: 'host/lookup' },
]

const kinds = fc.constantFrom(...REPORTS.map(({ t }) => t), 'open', '', '__proto__', 'constructor', 7, null)
const numbers = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(2 ** 53, -0, Number.NaN, Number.POSITIVE_INFINITY))
const fields = fc.oneof(numbers, fc.string(), fc.constantFrom('wallMs', 'outputBytes', null, true, {}, []))
/** Heads that are nearly right, and heads that are anything. */
const heads = fc.oneof(
  fc.record(
    {
      t: kinds,
      s: fc.oneof(fc.nat(), fields),
      cpuMs: fields,
      memoryBytes: fields,
      limit: fields,
      cut: fc.oneof(fc.boolean(), fields),
      name: fields,
      version: fields,
      threadId: fields,
      extra: fc.anything(),
    },
    { requiredKeys: ['t'] },
  ),
  fc.jsonValue(),
  fc.anything({ withBigInt: true, withMap: true, withDate: true, withNullPrototype: true }),
)

const isOutOfRange = (value: unknown): boolean => typeof value === 'number' && !(value >= 0)

const KNOWN_KEYS = new Set(['t', 's', 'cpuMs', 'memoryBytes', 'limit', 'cut', 'name', 'version', 'threadId'])

describe('the parser of reports', () => {
  it.each(REPORTS)('takes %j as it is', (report) => {
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual(report)
  })

  it('gives a report of known fields or a violation, whatever a far side sends', () => {
    fc.assert(
      fc.property(heads, (head) => {
        let report: Report | undefined
        const failure = failureOf(() => {
          report = parseReport(head)
        })
        fc.pre(failure !== 'RF_PROTOCOL_VIOLATION')
        expect(failure).toBeUndefined()
        expect(parseReport(report)).toEqual(report)
        const known = Object.entries(report ?? {}).filter(([key, value]) => KNOWN_KEYS.has(key) && !isOutOfRange(value))
        expect(known).toEqual(Object.entries(report ?? {}))
      }),
      { numRuns: 500, maxSkipsPerRun: 1000 },
    )
  })

  it.each([
    'null',
    '7',
    '"ready"',
    '[]',
    '{}',
    '{ "t": "open", "s": 1 }',
    '{ "t": "opened" }',
    '{ "t": "opened", "s": -1 }',
    '{ "t": "opened", "s": 0.5 }',
    '{ "t": "opened", "s": "1" }',
    '{ "t": "opened", "s": 9007199254740992 }',
    '{ "t": "out", "s": 1, "cpuMs": -1 }',
    '{ "t": "out", "s": 1, "cpuMs": "1" }',
    '{ "t": "usage", "s": 1, "memoryBytes": 1e999 }',
    '{ "t": "ended", "s": 1, "limit": "outputBytes" }',
    '{ "t": "ended", "s": 1, "limit": null }',
    '{ "t": "sync", "s": 1 }',
    '{ "t": "sync", "s": 1, "name": ["host/lookup"] }',
    `{ "t": "sync", "s": 1, "name": "${'x'.repeat(513)}" }`,
    '{ "__proto__": { "t": "ready" } }',
    '{ "t": "ready", "version": "1" }',
  ])('refuses %s', (head) => {
    expect(() => parseReport(JSON.parse(head))).toThrow(expect.objectContaining({ code: 'RF_PROTOCOL_VIOLATION' }))
  })

  it('takes a far side that does not tell its version for one of no known version', () => {
    expect(parseReport({ t: 'ready' })).toEqual({ t: 'ready', version: 0, threadId: 0 })
  })
})
