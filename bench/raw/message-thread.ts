import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { InOrder, type RawChannel } from './channel.ts'

/** Starts a thread that answers messages, and waits for its first answer. */
export async function startMessageThread(): Promise<RawChannel> {
  const worker = new Worker(fileURLToPath(import.meta.resolve('../far/message-thread.js')))
  const answers = new InOrder()
  worker.on('message', (text: string) => answers.answer(text))
  const call = (text: string): Promise<string> => {
    worker.postMessage(text)
    return answers.next()
  }
  await call('hello')
  return {
    mechanism: 'MessagePort to a thread',
    call,
    [Symbol.asyncDispose]: async () => {
      await worker.terminate()
    },
  }
}
