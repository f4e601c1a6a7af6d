import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/core/limits.ts'
import type { Guest } from '../../src/core/sandbox.ts'
import { prepare } from '../../src/program/prepare.ts'
import type { Port } from '../../src/tiers/port.ts'
import type { Order } from '../../src/tiers/protocol.ts'
import { Relay } from '../../src/tiers/relay.ts'
import { webNeeds } from '../../src/web/needs.ts'

const programOf = (source: string, kind?: 'script' | 'commonjs'): Guest['program'] => {
  const prepared = prepare(source, kind === undefined ? {} : { kind })
  if (prepared.kind !== 'ready') throw new Error(JSON.stringify(prepared))
  return prepared.program
}

describe('what a program needs of the web platform', () => {
  it.each([
    ['export default () => 1', []],
    ['export default class { constructor() { this.x = 1 } }', []],
    ['export default () => new URL("a:b")', ['URL']],
    [
      'export default () => { try { atob(1) } catch (e) { return e instanceof DOMException } }',
      ['atob', 'DOMException'],
    ],
    ['export default () => "a Blob is named"', ['Blob']],
    ['// URL\nexport default () => 1', []],
    ['export default () => curl()', []],
    ['export default () => globalThis["U" + "RL"]', 'all'],
    ['export default () => \\u0055RL', ['URL']],
    ['export default () => self', 'all'],
    ['export default () => Function("return 1")', 'all'],
    ['export default () => eval("1")', 'all'],
    ['export default () => (() => {}).constructor("return 1")', 'all'],
    ['export default () => { const { constructor } = () => {}; return constructor("1") }', 'all'],
    ['export default () => []["fill"]["constructor"]("return 1")', 'all'],
  ])('is seen in a module: %s', (source, needs) => {
    expect(webNeeds(programOf(source))).toEqual(needs)
  })

  it('is a fetch only where that was granted', () => {
    const program = programOf('export default () => fetch(new URL("a:b"))')
    expect(webNeeds(program, true)).toEqual(['fetch', 'URL'])
    expect(webNeeds(program, false)).toEqual(['URL'])
  })

  it.each([
    ['(function () { return this })()["U" + "RL"]', 'script', 'all'],
    ['module.exports = () => (function () { return this })()', 'commonjs', 'all'],
    ['1 + 1', 'script', []],
    ['new URL("a:b").href', 'script', ['URL']],
  ] as const)('is seen in code that is not strict: %s', (source, kind, needs) => {
    expect(webNeeds(programOf(source, kind))).toEqual(needs)
  })
})

/** A relay whose far side opens whatever it is asked to, and the orders that it got. */
const listening = (): { readonly relay: Relay; readonly orders: Order[] } => {
  const orders: Order[] = []
  let report: (head: unknown, text: string) => void = () => {}
  const port: Port<Order> = {
    post: (order) => {
      orders.push(order)
      if (order.t === 'open') queueMicrotask(() => report({ t: 'opened', s: order.s }, ''))
    },
    listen: (onMessage) => {
      report = onMessage
    },
    close: () => {},
  }
  return { relay: new Relay(port, { exclusive: false, end: () => Promise.resolve(), release: () => {} }), orders }
}

const guestOf = (source: string): Guest => ({
  program: programOf(source),
  limits: DEFAULT_LIMITS.trusted,
  functions: new Map(),
  workload: 'light',
  trust: 'trusted',
  tenant: 'anyone',
})

describe('what a far side is given', () => {
  it('is no word of the web platform for a program that touches nothing of it', async () => {
    const { relay, orders } = listening()
    await relay.open(guestOf('export default () => 1'), new AbortController().signal)
    expect(orders.map(({ t }) => t)).toEqual(['open'])
    expect(orders[0]).not.toHaveProperty('config.web')
  })

  it('is its text once, before the first program that may touch it', async () => {
    const { relay, orders } = listening()
    const { signal } = new AbortController()
    const url = guestOf('export default () => new URL("a:b")')
    await Promise.all([relay.open(url, signal), relay.open(url, signal)])
    await relay.open(guestOf('export default () => globalThis'), signal)
    expect(orders.map(({ t }) => t)).toEqual(['equip', 'open', 'open', 'open'])
    expect(orders.slice(1)).toMatchObject([
      { config: { web: ['URL'] } },
      { config: { web: ['URL'] } },
      { config: { web: 'all' } },
    ])
  })
})
