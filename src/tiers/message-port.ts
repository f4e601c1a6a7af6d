import type { MessagePort } from 'node:worker_threads'
import type { Port } from './port.ts'

/** A port over a `MessagePort`: heads and texts travel as they are, by structured clone of plain data. */
export const messagePort = <Out>(port: MessagePort): Port<Out> => ({
  post: (head, text = '') => {
    port.postMessage([head, text])
  },
  listen: (onMessage, onClose) => {
    port.on('message', (message: unknown) => {
      if (isPair(message)) onMessage(message[0], message[1])
    })
    port.on('close', () => onClose('the port closed'))
  },
  close: () => {
    port.close()
  },
})

const isPair = (message: unknown): message is readonly [head: unknown, text: string] =>
  Array.isArray(message) && message.length === 2 && typeof message[1] === 'string'
