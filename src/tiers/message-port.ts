import type { MessagePort } from 'node:worker_threads'
import type { Port } from './port.ts'

/**
 * A port over a `MessagePort`: heads and texts travel as they are, by structured clone of plain data. What is posted in one
 * go travels in one message, since each message may have to wake the other thread.
 */
export const messagePort = <Out>(port: MessagePort): Port<Out> => {
  let gathered: unknown[] = []
  const flush = (): void => {
    if (gathered.length === 0) return
    const message = gathered
    gathered = []
    port.postMessage(message)
  }
  return {
    post: (head, text = '') => {
      if (gathered.length === 0) process.nextTick(flush)
      gathered.push(head, text)
    },
    listen: (onMessage, onClose) => {
      port.on('message', (message: unknown) => {
        if (!Array.isArray(message)) return
        for (let at = 0; at + 1 < message.length; at += 2) {
          const text: unknown = message[at + 1]
          if (typeof text === 'string') onMessage(message[at], text)
        }
      })
      port.on('close', () => onClose('the port closed'))
    },
    flush,
    close: () => {
      flush()
      port.close()
    },
  }
}
