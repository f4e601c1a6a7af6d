import type { Guest, Sandbox } from '../core/sandbox.ts'
import type { Engine } from './engine.ts'
import { loopback } from './loopback.ts'
import type { Order, Report } from './protocol.ts'
import { Relay } from './relay.ts'
import { serve } from './serve.ts'

/** What serves the sandboxes of an inner carrier. */
export interface InnerFarSide {
  /** Made for each far side anew, and disposed of with it. */
  readonly engine: () => Engine
  /** Whether guests call synchronous host functions on this thread's own stack, and not by a message. */
  readonly callsDirectly: boolean
}

/**
 * A carrier in the host's own process. There is nothing to kill when its far side talks nonsense, so that one is shut up
 * with all its sandboxes, and the next guest gets another.
 */
export class InnerCarrier {
  readonly #far: InnerFarSide
  #relay: Relay
  #closed = false

  constructor(far: InnerFarSide) {
    this.#far = far
    this.#relay = this.#start()
  }

  /** How many sandboxes are open. */
  get size(): number {
    return this.#relay.size
  }

  async open(guest: Guest, signal: AbortSignal): Promise<Sandbox> {
    if (this.#relay.cause !== undefined && !this.#closed) this.#relay = this.#start()
    const relay = this.#relay
    await relay.ready
    return relay.open(guest, signal)
  }

  close(): void {
    this.#closed = true
    this.#relay.fail('the tier was closed')
  }

  #start(): Relay {
    const [near, far] = loopback<Order, Report>()
    const { engine, callsDirectly } = this.#far
    // A guest that is slow to let go is waited for no longer, and its neighbours live on.
    const carrier = { exclusive: false, end: () => Promise.resolve(), release: () => {} }
    const relay = new Relay(near, carrier, () => near.close())
    const syncCall = (s: number, name: string, args: string): string | Promise<string> => relay.callSync(s, name, args)
    serve(engine(), far, { sampling: true, ...(callsDirectly ? { syncCall } : {}) })
    return relay
  }
}
