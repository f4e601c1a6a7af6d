import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RecordKind, readBatch, readRecords } from '../../src/tiers/records.ts'
import { failureOf } from './failure-of.ts'

type Written = readonly [kind: RecordKind, id: number, text: string]

const VIOLATION = expect.objectContaining({ code: 'RF_PROTOCOL_VIOLATION' })

/** As the kernel writes them. */
const write = (records: readonly Written[]): string =>
  records.map(([kind, id, text]) => `${kind}${id},${text.length}:${text}`).join('')

const readAll = (records: string): readonly Written[] => {
  const found: Written[] = []
  readRecords(records, (kind, id, text) => found.push([kind, id, text]) > 0)
  return found
}

const kind = fc.constantFrom<RecordKind>('L', 'H', 'D', 'E', 'X')
const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('L', '0', ',', ':', ';', '\ud800', '\n') }))
const written = fc.array(fc.tuple(kind, fc.nat(), text), { maxLength: 20 })

describe('records', () => {
  it('are read as they were written, whatever is in their texts', () => {
    fc.assert(
      fc.property(written, (records) => {
        expect(readAll(write(records))).toEqual(records)
      }),
    )
  })

  it('are read no further than the visitor wants', () => {
    const seen: number[] = []
    readRecords('L1,1:aL2,1:bnonsense', (_, id) => seen.push(id) < 2)
    expect(seen).toEqual([1, 2])
  })

  it('are a violation or records, whatever a kernel in hostile hands writes', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('L', 'H', 'D', 'Q', '0', '9', '-', '.', 'e', ',', ':', ' '),
      maxLength: 60,
    })
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string()), (records) => {
        const ids: number[] = []
        const failure = failureOf(() => readRecords(records, (_, id) => ids.push(id) > 0))
        expect([undefined, 'RF_PROTOCOL_VIOLATION']).toContain(failure)
        expect(ids.filter((id) => !Number.isSafeInteger(id))).toEqual([])
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    'Q0,0:',
    'L',
    'L0',
    'L0,1',
    'L0,2:a',
    'L0,-1:a',
    'L0.5,0:',
    'L0,1e99:a',
    'L0,9007199254740992:a',
    'LNaN,0:',
    `L0,${'0'.repeat(100)}1:a`,
    'L0,1:aL',
  ])('refuse %s', (records) => {
    expect(() => readAll(records)).toThrow(VIOLATION)
  })

  it('are refused in time that does not depend on where a missing mark is looked for', () => {
    const start = performance.now()
    expect(() => readAll(`L0,1:a${'L'.repeat(2 ** 24)}`)).toThrow(VIOLATION)
    expect(readAll('L0,0:'.repeat(200_000))).toHaveLength(200_000)
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

describe('a batch', () => {
  it('tells whether the call is settled, when the next timer is due, and its records', () => {
    expect(readBatch('p12;L0,1:a')).toEqual({ settled: false, wakeMs: 12, records: 'L0,1:a' })
    expect(readBatch('s-1;')).toEqual({ settled: true, wakeMs: -1, records: '' })
  })

  it.each(['', ';', 'p', 'p;', 'p1', 'q1;', 'px;', 'pInfinity;', `p${'0'.repeat(100)};`])('is not "%s"', (batch) => {
    expect(() => readBatch(batch)).toThrow(VIOLATION)
  })
})
