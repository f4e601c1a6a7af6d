import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { messagePort } from '../message-port.ts'
import { realmEngine } from '../realm-engine.ts'
import { rehearse } from '../rehearse.ts'
import { serve } from '../serve.ts'

/** What the tier hands to a thread for each sandbox. */
export interface WorkerTask {
  readonly port: MessagePort
  /** Carries the answers to synchronous host calls, for which this thread blocks. */
  readonly answers: MessagePort
  /** Raised by one for each answer. */
  readonly bell: Int32Array<SharedArrayBuffer>
}

// Before the first task, so that a thread that stands ready is as fast as one that has served.
await rehearse(realmEngine('outside'))

/** Serves one sandbox; the thread is free for another when the promise resolves. */
export default ({ port, answers, bell }: WorkerTask): Promise<void> =>
  new Promise((resolve) => {
    const far = messagePort(port)
    const syncCall = (s: number, name: string, args: string): string => {
      far.post({ t: 'sync', s, name }, args)
      far.flush?.()
      return waitForAnswer(answers, bell)
    }
    serve(realmEngine('outside'), far, { syncCall, onClose: resolve })
  })

const waitForAnswer = (answers: MessagePort, bell: Int32Array): string => {
  for (;;) {
    const rung = Atomics.load(bell, 0)
    const received: unknown = receiveMessageOnPort(answers)?.message
    if (typeof received === 'string') return received
    Atomics.wait(bell, 0, rung)
  }
}
