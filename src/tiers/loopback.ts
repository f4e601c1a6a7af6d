import type { Port } from './port.ts'

/** After this long without a turn of the event loop, the next message waits for one, so that calls cannot starve the host.
 * Answers never wait: one that was there before a deadline must not be overtaken by its timer. */
const YIELD_AFTER_MS = 8

let lastTurn = 0
let waiting: (() => void)[] = []

/** Those that wait go first: what is posted while the first of them is received comes after the last. */
const takeTurn = (): void => {
  lastTurn = performance.now()
  const due = waiting
  waiting = []
  for (const send of due) queueMicrotask(send)
}

const inTurn = (send: () => void): void => {
  if (waiting.length === 0 && performance.now() - lastTurn < YIELD_AFTER_MS) queueMicrotask(send)
  else if (waiting.push(send) === 1) setImmediate(takeTurn)
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
