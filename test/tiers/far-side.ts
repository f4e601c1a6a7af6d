import type { Guest, HostFunctions, SandboxCall } from '../../src/core/sandbox.ts'
import type { LogEntry } from '../../src/core/types.ts'
import type { Port } from '../../src/tiers/port.ts'
import { type Order, PROTOCOL_VERSION } from '../../src/tiers/protocol.ts'
import { Relay } from '../../src/tiers/relay.ts'

/** A far side written by hand: it says what a test tells it to, and keeps what it was asked. */
export interface FarSide {
  readonly relay: Relay
  readonly orders: readonly (readonly [order: Order, text: string])[]
  /** How often its carrier was ended by force, and how often it was released. */
  readonly ended: number
  readonly released: number
  say(head: unknown, text?: string): void
  /** The connection is gone. */
  cut(cause: string): void
}

/** Opens a relay to a far side in the hands of a test. */
export function farSide({
  exclusive = false,
  ready = true,
  gone = Promise.resolve(),
  ahead = 0,
}: {
  exclusive?: boolean
  ready?: boolean
  /** When a carrier that is ended is gone. */
  gone?: Promise<void>
  /** How many calls may wait on it. */
  ahead?: number
} = {}): FarSide {
  const orders: [Order, string][] = []
  const counts = { ended: 0, released: 0 }
  let onMessage: (head: unknown, text: string) => void = () => {}
  let onClose: (cause: string) => void = () => {}
  const port: Port<Order> = {
    post: (order, text = '') => {
      orders.push([order, text])
    },
    listen: (message, close) => {
      onMessage = message
      onClose = close
    },
    close: () => {},
  }
  const end = (): Promise<void> => {
    counts.ended += 1
    onClose('its carrier was ended')
    return gone
  }
  const release = (): void => {
    counts.released += 1
  }
  const relay = new Relay(port, { exclusive, end, release, ...(ahead > 0 && { ahead }) })
  const say: FarSide['say'] = (head, text = '') => onMessage(head, text)
  if (ready) say({ t: 'ready', version: PROTOCOL_VERSION, threadId: 7 })
  return {
    relay,
    orders,
    say,
    cut: (cause) => onClose(cause),
    get ended() {
      return counts.ended
    },
    get released() {
      return counts.released
    },
  }
}

/** A guest with small limits. */
export const guestOf = (functions: HostFunctions = new Map()): Guest => ({
  program: { hash: 'hash', script: 'script' },
  limits: {
    wallMs: 1000,
    cpuMs: 1000,
    memoryBytes: 2 ** 23,
    outputBytes: 100,
    logBytes: 100,
    hostCalls: 3,
    idleMs: 1000,
    sourceBytes: 1000,
    inputBytes: 1000,
  },
  functions,
  workload: 'light',
  trust: 'trusted',
  tenant: 'default',
})

/** A call that keeps its lines. */
export function callOf(logs: LogEntry[] = [], mayMove = false): SandboxCall {
  return {
    exportName: 'default',
    input: 'J[1]',
    limits: { wallMs: 1000, cpuMs: 1000 },
    mayMove,
    onLog: (entry) => void logs.push(entry),
  }
}

/** One record as the kernel writes it. */
export const record = (kind: string, text: string, id = 0): string => `${kind}${id},${text.length}:${text}`
