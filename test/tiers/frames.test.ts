import { duplexPair } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrame, FrameReader, framePort, PIPE_CLOSED } from '../../src/tiers/frames.ts'
import { failureOf } from './failure-of.ts'

type Message = readonly [head: unknown, text: string]

const MIB = 2 ** 20
const VIOLATION = expect.objectContaining({ code: 'RF_PROTOCOL_VIOLATION' })

/** Feeds a reader and gives what it made of it. */
function read(chunks: readonly Buffer[], reader: FrameReader = new FrameReader()): readonly Message[] {
  const messages: Message[] = []
  for (const chunk of chunks) reader.push(chunk, (head, text) => messages.push([head, text]))
  return messages
}

/** Cuts a buffer at the given places, taken modulo what is left. */
function cut(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const chunks: Buffer[] = []
  let at = 0
  for (const size of sizes) {
    chunks.push(bytes.subarray(at, at + size))
    at = Math.min(bytes.length, at + size)
  }
  return [...chunks, bytes.subarray(at)]
}

function frameOf(length: number, headBytes: number, body: string): Buffer {
  const frame = Buffer.alloc(8 + Buffer.byteLength(body))
  frame.writeUInt32LE(length, 0)
  frame.writeUInt32LE(headBytes, 4)
  frame.write(body, 8)
  return frame
}

const text = fc.string({ unit: 'binary', maxLength: 200 })
const messages = fc.array(fc.tuple(fc.jsonValue(), text), { maxLength: 12 })

describe('a reader of frames', () => {
  it('gives back what was written, however the bytes are cut', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 })
    fc.assert(
      fc.property(messages, sizes, (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(([head, body]) => encodeFrame(head, body)))
        const expected = sent.map(([head, body]) => [JSON.parse(JSON.stringify(head)), body])
        expect(read(cut(bytes, cuts))).toEqual(expected)
      }),
    )
  })

  it('gives nothing of a frame that is not all there, and does not complain', () => {
    const frame = encodeFrame({ t: 'ready' }, 'some text')
    for (let length = 0; length < frame.length; length += 1) expect(read([frame.subarray(0, length)])).toEqual([])
  })

  it('takes what is random for frames or for a violation, and fails in no other way', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (chunks) => {
        const failure = failureOf(() => read(chunks.map((chunk) => Buffer.from(chunk))))
        expect([undefined, 'RF_PROTOCOL_VIOLATION']).toContain(failure)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['is longer than allowed', frameOf(1025, 2, '{}')],
    ['is of four gigabytes', frameOf(2 ** 32 - 1, 2, '{}')],
    ['has no room for the length of its head', frameOf(3, 0, '')],
    ['has a head longer than itself', frameOf(6, 3, '{}')],
    ['has a head of four gigabytes', frameOf(6, 2 ** 32 - 1, '{}')],
    ['has a head that is not JSON', frameOf(6, 2, '{]')],
    ['has no head', frameOf(4, 0, '')],
  ])('refuses a frame that %s', (_, frame) => {
    expect(() => read([frame], new FrameReader(1024))).toThrow(VIOLATION)
  })

  it('refuses by the announced length alone, before the bytes come', () => {
    const announcement = frameOf(1025, 0, '').subarray(0, 4)
    expect(() => read([announcement], new FrameReader(1024))).toThrow(VIOLATION)
  })

  it('takes a frame of exactly the length allowed', () => {
    const frame = encodeFrame({}, 'x'.repeat(1018))
    expect(read([frame], new FrameReader(1024))).toEqual([[{}, 'x'.repeat(1018)]])
    expect(() => read([frame], new FrameReader(1023))).toThrow(VIOLATION)
  })

  it('needs time in proportion to the bytes of one long frame in many small chunks', () => {
    const frame = encodeFrame({}, 'x'.repeat(8 * MIB))
    const chunks = Array.from({ length: Math.ceil(frame.length / 64) }, (_, n) => frame.subarray(n * 64, n * 64 + 64))
    const start = performance.now()
    expect(read(chunks)).toHaveLength(1)
    // Gathering anew at every chunk would copy 500 gigabytes.
    expect(performance.now() - start).toBeLessThan(5000)
  })

  it('needs time in proportion to the bytes of many short frames in one chunk', () => {
    const frame = encodeFrame({ t: 'out' }, 'x')
    const start = performance.now()
    expect(read([Buffer.concat(Array.from({ length: 200_000 }, () => frame))])).toHaveLength(200_000)
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

describe('a port of frames', () => {
  const open = () => {
    const [stream, far] = duplexPair()
    const near = framePort(stream, new FrameReader(1024))
    const received: Message[] = []
    const causes: string[] = []
    near.listen(
      (head, body) => received.push([head, body]),
      (cause) => causes.push(cause),
    )
    return { near, stream, far, received, causes }
  }

  it('carries messages both ways, in order', async () => {
    const { near, far, received } = open()
    const answers: Message[] = []
    const peer = framePort(far)
    peer.listen(
      (head, body) => answers.push([head, body]),
      () => {},
    )
    near.post({ n: 1 }, 'a')
    near.post({ n: 2 })
    near.flush?.()
    near.post({ n: 3 }, 'c')
    peer.post({ n: 4 }, 'd')
    await expect.poll(() => [answers.length, received.length]).toEqual([3, 1])
    expect(answers).toEqual([
      [{ n: 1 }, 'a'],
      [{ n: 2 }, ''],
      [{ n: 3 }, 'c'],
    ])
    expect(received).toEqual([[{ n: 4 }, 'd']])
  })

  it('closes at the first thing that is no frame, tells why once, and hears no more', async () => {
    const { far, received, causes, near } = open()
    far.write(Buffer.from('garbage that goes on'))
    far.write(encodeFrame({ n: 1 }, ''))
    await expect.poll(() => causes.length).toBe(1)
    await setImmediate()
    near.post({ n: 2 }, 'into the void')
    near.close()
    await setImmediate()
    expect(causes).toHaveLength(1)
    expect(causes[0]).toMatch(/^Cannot read a frame: /)
    expect(received).toEqual([])
  })

  it('tells once that the pipe closed or failed', async () => {
    const [closed, failed] = [open(), open()]
    closed.near.close()
    closed.near.close()
    failed.stream.destroy(new Error('the peer is gone'))
    await expect.poll(() => [closed.causes, failed.causes]).toEqual([[PIPE_CLOSED], ['the peer is gone']])
  })

  it('lets longer messages in once they are allowed, and never fewer', async () => {
    const { near, far, received, causes } = open()
    near.allow?.(4096)
    near.allow?.(10)
    far.write(encodeFrame({}, 'x'.repeat(3000)))
    await expect.poll(() => received.length).toBe(1)
    far.write(encodeFrame({}, 'x'.repeat(5000)))
    await expect.poll(() => causes.length).toBe(1)
  })
})
