import { Duplex } from 'node:stream'
import { encodeFrame, FrameReader } from '../../src/tiers/frames.ts'
import { PROTOCOL_VERSION } from '../../src/tiers/protocol.ts'
import { record } from '../tiers/far-side.ts'
import type { Random } from './random.ts'

/** What may happen to a message on its way. Those of the second list are never a message of ours afterwards. */
const MANGLINGS = ['drop', 'twice', 'late', 'corrupt', 'stranger', 'split', 'cut', 'nothing-more'] as const
const VIOLATIONS = [
  'oversized',
  'undersized',
  'not-json',
  'head-too-long',
  'unknown-kind',
  'no-sandbox',
  'bad-limit',
] as const
type Mangling = (typeof MANGLINGS)[number]
type Violation = (typeof VIOLATIONS)[number]

const frameOf = (length: number, headLength: number, body: string): Buffer => {
  const frame = Buffer.alloc(8 + body.length)
  frame.writeUInt32LE(length, 0)
  frame.writeUInt32LE(headLength, 4)
  frame.write(body, 8)
  return frame
}

const VIOLATING: Readonly<Record<Violation, Buffer>> = {
  oversized: frameOf(0xffffffff, 4, 'body'),
  undersized: frameOf(3, 4, 'body'),
  'not-json': frameOf(8, 4, '{"t"'),
  'head-too-long': frameOf(8, 5, 'body'),
  'unknown-kind': encodeFrame({ t: 'reboot', s: 0 }, ''),
  'no-sandbox': encodeFrame({ t: 'out', s: -1 }, ''),
  'bad-limit': encodeFrame({ t: 'ended', s: 0, limit: 'hostCalls' }, ''),
}

interface HeardOrder {
  readonly t: string
  readonly s: number
}

const isOrder = (head: unknown): head is HeardOrder =>
  typeof head === 'object' && head !== null && 't' in head && 's' in head

/** A far side at the end of a real stream of bytes, which answers as one of ours would, and mangles what it says. */
export class ManglingFarSide {
  readonly stream: Duplex
  /** Whether something was said that no far side of ours could say, and that has to end the carrier. */
  violated = false
  /** A length may be among the corrupted bytes, and what comes next then be taken for the rest of its message. */
  #corrupted = false
  readonly #random: Random
  readonly #share: number
  readonly #reader = new FrameReader()
  #late: Buffer[] = []
  #silent = false
  #calls = 0

  constructor(random: Random, share: number) {
    this.#random = random
    this.#share = share
    this.stream = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        this.#reader.push(chunk, (head, text) => this.#answer(head, text))
        done()
      },
    })
    // Whoever destroys a stream under way may see it complain.
    this.stream.on('error', () => {})
  }

  greet(): void {
    this.#say({ t: 'ready', version: PROTOCOL_VERSION, threadId: 0 })
  }

  /** Says something out of turn: what was held back, or what nobody asked for. */
  stir(): void {
    const late = this.#late.splice(0)
    for (const frame of this.#random.chance(0.5) ? late.toReversed() : late) this.#push(frame)
    if (this.#share === 0) return
    const s = this.#random.below(4)
    const heads = [
      { t: 'opened', s },
      { t: 'closed', s },
      { t: 'stuck', s },
      { t: 'failed', s },
      { t: 'usage', s, memoryBytes: 2 ** 40 },
    ]
    if (this.#random.chance(0.2)) this.#say(this.#random.pick(heads))
    if (this.#random.chance(0.2)) this.#say({ t: 'out', s }, this.#records('[2]'))
  }

  #answer(head: unknown, text: string): void {
    if (!isOrder(head)) throw new Error('the near side sent no order')
    const { t, s } = head
    if (t === 'open') this.#say({ t: 'opened', s })
    if (t === 'close') this.#say({ t: 'closed', s })
    if (t === 'call') this.#call(s, text)
    // One of ours that has answered already has nothing to give back.
    if (t === 'drop' && this.#share > 0 && 'c' in head) this.#say({ t: 'dropped', s, c: head.c })
    if (t === 'reply') this.#say({ t: 'out', s }, record('D', 'J[9]'))
  }

  #call(s: number, input: string): void {
    this.#calls += 1
    const what = this.#share === 0 ? 1 : this.#random.next()
    if (what < 0.1) this.#say({ t: 'ended', s, ...(this.#random.chance(0.5) && { limit: 'cpuMs' }) })
    else if (what < 0.2) this.#say({ t: 'sync', s, name: 'host/sync' }, 'J[1]')
    else if (what < 0.9) this.#say({ t: 'out', s, cpuMs: this.#calls }, this.#records(input))
    else if (what === 1) this.#say({ t: 'out', s }, record('D', input))
  }

  #records(input: string): string {
    const records = [
      record('L', '17,line', 1),
      record('H', 'host/async\nJ[1]', this.#random.below(3)),
      record('H', 'host/none\nJ[1]', 1),
      record('D', input),
      record('E', '{"name":"Error","message":"no"}', this.#random.below(2)),
      record('X', 'hostCalls'),
      'Z9,999:',
    ]
    return Array.from({ length: 1 + this.#random.below(4) }, () => this.#random.pick(records)).join('')
  }

  #say(head: unknown, text = ''): void {
    const frame = encodeFrame(head, text)
    if (!this.#random.chance(this.#share)) this.#push(frame)
    else if (this.#random.chance(0.2)) this.#violate(this.#random.pick(VIOLATIONS))
    else this.#mangle(this.#random.pick(MANGLINGS), frame)
  }

  #mangle(how: Mangling, frame: Buffer): void {
    switch (how) {
      case 'drop':
        return
      case 'twice':
        this.#push(frame)
        this.#push(frame)
        return
      case 'late':
        this.#late.push(frame)
        return
      case 'corrupt': {
        const mangled = Buffer.from(frame)
        this.#corrupted = true
        mangled[this.#random.below(frame.length)] = this.#random.below(256)
        this.#push(mangled)
        return
      }
      case 'stranger':
        this.#push(encodeFrame({ t: 'out', s: 2 ** 40 }, record('D', 'J[7]')))
        return
      case 'split':
        for (const byte of frame) this.#push(Buffer.of(byte))
        return
      case 'cut':
        this.#push(frame.subarray(0, this.#random.below(frame.length)))
        this.stream.destroy()
        return
      case 'nothing-more':
        this.#silent = true
        return
    }
  }

  #violate(how: Violation): void {
    if (!this.#corrupted && !this.#silent && !this.stream.destroyed) this.violated = true
    this.#push(VIOLATING[how])
  }

  #push(bytes: Buffer): void {
    if (!this.#silent && !this.stream.destroyed) this.stream.push(bytes)
  }
}
