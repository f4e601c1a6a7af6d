import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { RingfenceError } from '../../src/core/errors.ts'
import type { Ending, HostFunctions } from '../../src/core/sandbox.ts'
import { encodeFrame, FrameReader } from '../../src/tiers/frames.ts'
import { parseReport } from '../../src/tiers/protocol.ts'
import { readBatch, readRecords } from '../../src/tiers/records.ts'
import { record } from '../tiers/far-side.ts'
import { underWay } from '../tiers/under-way.ts'
import { edits, spoil } from './edits.ts'
import type { Target } from './target.ts'

const MAX_BYTES = 4096
const PATIENCE_MS = 10_000
const ENDINGS: readonly Ending['kind'][] = ['returned', 'threw', 'exceeded', 'crashed']

/** What `read` answers; nothing where it found a violation, which is the only way it may fail. */
function unlessViolated<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error
    assert.equal(error.code, 'RF_PROTOCOL_VIOLATION')
    return undefined
  }
}

/** Cuts bytes into chunks of the given sizes, over and over. */
function chunksOf(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}

type Frame = readonly [head: unknown, text: string]

/** What a reader makes of chunks: the frames before the first violation. */
function framesIn(chunks: readonly Buffer[]): readonly Frame[] {
  const reader = new FrameReader(MAX_BYTES)
  const frames: Frame[] = []
  unlessViolated(() => {
    for (const chunk of chunks) reader.push(chunk, (head, text) => void frames.push([head, text]))
  })
  return frames
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
const frames = fc.array(fc.tuple(fc.jsonValue(), fc.string({ unit: 'grapheme' })), { maxLength: 6 })
const bytesOf = (list: readonly Frame[]): Buffer => Buffer.concat(list.map(([head, text]) => encodeFrame(head, text)))

const odd = fc.constantFrom<unknown>(undefined, null, true, -1, 0.5, Infinity, '', '__proto__', 2 ** 53, [], {})
const amount = fc.oneof({ weight: 4, arbitrary: fc.nat(500) }, odd)
const kinds = ['ready', 'opened', 'failed', 'closed', 'stuck', 'out', 'usage', 'ended', 'sync', 'hello']
const head = fc.oneof(
  { weight: 1, arbitrary: fc.anything() },
  {
    weight: 8,
    arbitrary: fc.record(
      {
        t: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...kinds) }, odd),
        s: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(0, 0, 0, 1) }, odd),
        version: amount,
        threadId: amount,
        cpuMs: amount,
        memoryBytes: amount,
        limit: fc.oneof(fc.constantFrom('wallMs', 'cpuMs', 'memoryBytes', 'outputBytes'), odd),
        cut: odd,
        name: fc.oneof(fc.constantFrom('host/lookup', 'x'.repeat(600)), odd),
      },
      { requiredKeys: ['t', 's'] },
    ),
  },
)
const body = fc.oneof(
  fc.constantFrom('J[1]', 'T', 'T[[[1],["O"]],[]]', '{"name":"E","message":"m"}', 'memoryBytes', 'logBytes', '5;line'),
  fc.constantFrom('host/lookup\nJ[]', 'host/lookup\nT[', 'host/none\nJ[]', '7', 'null', '0;', 'J{"__proto__":1}'),
  fc.string(),
)
const oneRecord = fc
  .tuple(fc.constantFrom('L', 'H', 'D', 'E', 'X', 'Q'), body, fc.oneof(fc.nat(5), fc.integer()))
  .map(([kind, text, id]) => record(kind, text, id))
const records = fc.oneof(
  { weight: 4, arbitrary: fc.array(oneRecord, { maxLength: 4 }).map((list) => list.join('')) },
  fc.tuple(fc.array(oneRecord, { maxLength: 4 }), edits).map(([list, by]) => {
    return spoil(Array.from(list.join('')), by, Array.from('LHDEX0123456789,:;-e')).join('')
  }),
  fc.string(),
)
const batch = fc
  .tuple(fc.constantFrom('s-1;', 'p5;', 's1e400;', 'p', ';', 's;', ''), records)
  .map((parts) => parts.join(''))

type OneRecord = readonly [kind: string, id: number, held: string]

const written: fc.Arbitrary<OneRecord> = fc.tuple(
  fc.constantFrom('L', 'H', 'D', 'E', 'X'),
  fc.oneof(fc.nat(5), fc.maxSafeInteger()),
  fc.oneof(body, fc.string({ unit: 'binary' }), fc.constantFrom('L0,1:x', ',:', '\ud800', '9'.repeat(60))),
)

/** The records of a batch, in order; nothing where they are a violation. */
function recordsIn(text: string): readonly OneRecord[] | undefined {
  const found: OneRecord[] = []
  const isWhole = unlessViolated(() => {
    readRecords(text, (kind, id, held) => {
      assert.ok(Number.isSafeInteger(id))
      found.push([kind, id, held])
      return true
    })
    return true
  })
  return isWhole === true ? found : undefined
}

/** The heads of a far side as it speaks through a pipe, or through a port that carries more than JSON. */
const sayings = fc.array(fc.tuple(head, records), { maxLength: 12 })

async function settleOnce(said: readonly (readonly [unknown, string])[]): Promise<void> {
  const functions: HostFunctions = new Map([['host/lookup', { sync: false, invoke: () => 'J[1]' }]])
  const { far, sandbox, ending } = await underWay(functions)
  let settled = 0
  const counted = ending.then((how) => {
    settled += 1
    return how
  })
  for (const [about, text] of said) far.say(about, text)
  await Promise.resolve()
  far.cut('the pipe closed')
  const how = await counted
  assert.ok(ENDINGS.includes(how.kind), how.kind)
  await sandbox[Symbol.asyncDispose]()
  assert.deepEqual([settled, far.relay.size], [1, 0])
  assert.ok(far.ended <= 1, `ended ${far.ended} times`)
}

export const protocol: Target = {
  name: 'protocol',
  checks: [
    {
      title: 'frames arrive as they were sent, however the bytes are cut',
      runs: 1500,
      property: () =>
        fc.property(frames, sizes, (sent, cuts) => {
          const expected = sent.map(([about, text]) => [JSON.parse(JSON.stringify(about)) as unknown, text])
          assert.deepEqual(framesIn(chunksOf(bytesOf(sent), cuts)), expected)
        }),
    },
    {
      title: 'spoiled bytes are frames or a violation, the same however they are cut',
      runs: 1500,
      property: () =>
        fc.property(frames, edits, sizes, fc.uint8Array(), (sent, by, cuts, foreign) => {
          const spoiled = Buffer.from(spoil([...bytesOf(sent)], by, [...foreign, 0, 4, 255]))
          const since = performance.now()
          assert.deepEqual(framesIn(chunksOf(spoiled, cuts)), framesIn([spoiled]))
          assert.ok(performance.now() - since < PATIENCE_MS, 'reading took too long')
        }),
    },
    {
      title: 'a report holds what its kind may hold, or is a violation',
      runs: 2000,
      property: () =>
        fc.property(head, (about) => {
          const report = unlessViolated(() => parseReport(about))
          if (report === undefined) return
          assert.ok(kinds.slice(0, -1).includes(report.t), report.t)
          if (report.t !== 'ready') assert.ok(Number.isSafeInteger(report.s) && report.s >= 0)
          for (const value of Object.values(report)) {
            if (typeof value === 'number') assert.ok(Number.isFinite(value) && value >= 0)
            else assert.ok(value === true || typeof value === 'string', typeof value)
          }
          assert.deepEqual(parseReport(report), report)
        }),
    },
    {
      title: 'a batch is read as it was written, or is a violation',
      runs: 2000,
      property: () =>
        fc.property(batch, (text) => {
          const read = unlessViolated(() => readBatch(text))
          if (read === undefined) return
          assert.ok(Number.isFinite(read.wakeMs))
          const found = recordsIn(read.records)
          if (found === undefined) return
          // Written anew, they are the same: nothing was read twice, left out or made up.
          assert.deepEqual(recordsIn(found.map(([kind, id, held]) => record(kind, held, id)).join('')), found)
          const held = found.reduce((sum, [, , { length }]) => sum + length, 0)
          assert.ok(held + found.length * 4 <= read.records.length)
        }),
    },
    {
      title: 'records are read in order, each once, and until one is enough',
      runs: 1500,
      property: () =>
        fc.property(fc.array(written, { maxLength: 8 }), fc.nat(8), (sent, enough) => {
          const text = sent.map(([kind, id, held]) => record(kind, held, id)).join('')
          assert.deepEqual(recordsIn(text), sent)
          let visits = 0
          readRecords(text, () => {
            visits += 1
            return visits < enough
          })
          assert.equal(visits, Math.min(sent.length, Math.max(enough, 1)))
        }),
    },
    {
      title: 'a call settles once and in words, whatever a far side says',
      runs: 1500,
      property: () => fc.asyncProperty(sayings, settleOnce),
    },
  ],
}
