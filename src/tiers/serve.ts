import { threadId } from 'node:worker_threads'
import type { Engine } from './engine.ts'
import { FarSandbox, type SyncCall } from './far-sandbox.ts'
import type { Port } from './port.ts'
import { type Order, PROTOCOL_VERSION, type Report } from './protocol.ts'

/** How often a guest that runs for long is measured. */
const SAMPLE_EVERY_MS = 10

export interface ServeOptions {
  /** How a synchronous host call reaches the near side; by default as a message whose answer is awaited. */
  readonly syncCall?: SyncCall
  /** Whether measuring is possible while a guest runs, so that `usage` reports are worth sending. */
  readonly sampling?: boolean
  /** Called when the near side is gone. */
  readonly onClose?: () => void
}

/**
 * The far side of every carrier: takes orders from `port` and serves sandboxes with `engine` until the port closes.
 * Orders come from the broker, so they are trusted; what goes back may come from a guest and is parsed over there.
 */
export const serve = (engine: Engine, port: Port<Report>, options: ServeOptions = {}): void => {
  const sandboxes = new Map<number, FarSandbox>()
  const sampler =
    options.sampling === true ? setInterval(() => sendSamples(sandboxes, port), SAMPLE_EVERY_MS) : undefined
  sampler?.unref()
  const onClose = (): void => {
    clearInterval(sampler)
    for (const sandbox of sandboxes.values()) void sandbox.close()
    sandboxes.clear()
    engine.dispose()
    options.onClose?.()
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- orders come from the broker, in its own words
  port.listen((head, text) => obey(head as Order, text, { sandboxes, engine, port, options }), onClose)
  port.post({ t: 'ready', version: PROTOCOL_VERSION, threadId })
}

interface Served {
  readonly sandboxes: Map<number, FarSandbox>
  readonly engine: Engine
  readonly port: Port<Report>
  readonly options: ServeOptions
}

const obey = (order: Order, text: string, served: Served): void => {
  const sandbox = served.sandboxes.get(order.s)
  switch (order.t) {
    case 'open': {
      const fresh = new FarSandbox(order.s, served.port)
      served.sandboxes.set(order.s, fresh)
      void fresh.open(order, text, served.engine, served.options.syncCall)
      return
    }
    case 'equip':
      served.engine.equip(text, order.part)
      return
    case 'call':
      sandbox?.call(order, text)
      return
    case 'drop':
      sandbox?.drop(order.c)
      return
    case 'reply':
      sandbox?.enter(`R${order.h},${order.ok ? 1 : 0}:${text}`)
      return
    case 'answer':
      sandbox?.answer(order.ok, text)
      return
    case 'close':
      served.sandboxes.delete(order.s)
      if (sandbox === undefined) served.port.post({ t: 'closed', s: order.s })
      else void sandbox.close()
  }
}

const sendSamples = (sandboxes: ReadonlyMap<number, FarSandbox>, port: Port<Report>): void => {
  for (const [s, sandbox] of sandboxes) {
    const sample = sandbox.sample()
    if (sample !== undefined) port.post({ t: 'usage', s, ...sample })
  }
}
