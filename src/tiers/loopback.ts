import type { Port } from './port.ts'

/** After this long without a turn of the event loop, the next message waits for one, so that calls cannot starve the host.
 * Answers never wait: one that was there before a deadline must not be overtaken by its timer. */
const YIELD_AFTER_MS = 8

let lastTurn = 0
const inTurn = (send: () => void): void => {
  const now = performance.now()
  if (now - lastTurn < YIELD_AFTER_MS) {
    queueMicrotask(send)
    return
  }
  setImmediate(() => {
    lastTurn = performance.now()
    send()
  })
}

interface End<Out> extends Port<Out> {
  receive(head: unknown, text: string): void
  cut(cause: string): void
}

const makeEnd = <Out>(peer: () => End<unknown>, deliver: (send: () => void) => void): End<Out> => {
  let onMessage: ((head: unknown, text: string) => void) | undefined
  let onClose: ((cause: string) => void) | undefined
  let open = true
  return {
    post: (head, text = '') => {
      if (open) deliver(() => peer().receive(head, text))
    },
    listen: (message, close) => {
      onMessage = message
      onClose = close
    },
    receive: (head, text) => {
      if (open) onMessage?.(head, text)
    },
    cut: (cause) => {
      if (!open) return
      open = false
      onClose?.(cause)
    },
    close: () => {
      if (!open) return
      open = false
      peer().cut('closed')
    },
  }
}

/**
 * Two ends of a channel inside one thread. Messages arrive in order, in a later job than they were posted from, so
 * that nothing of the caller is on the stack when a guest is entered: a sloppy caller's frame would otherwise hand
 * its receiver to a guest's `Error.prepareStackTrace`.
 */
export const loopback = <Near, Far>(): readonly [near: Port<Near>, far: Port<Far>] => {
  const near: End<Near> = makeEnd(() => far, inTurn)
  const far: End<Far> = makeEnd(() => near, queueMicrotask)
  return [near, far]
}
