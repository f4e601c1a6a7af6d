import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { CALLS_AHEAD } from '../calls-ahead.ts'
import { messagePort } from '../message-port.ts'
import type { Port } from '../port.ts'
import type { Order } from '../protocol.ts'
import { Relay } from '../relay.ts'
import type { WorkerTask } from './entry.ts'
import type { LostThreads } from './lost-threads.ts'

/** A thread of the pool while one sandbox has it. */
export interface ThreadSeat {
  readonly relay: Relay
  /** Known once the relay is ready. */
  thread: Worker | undefined
}

/**
 * Takes a thread of the pool for one sandbox. It goes back when the sandbox closes, and dies when the guest is killed, or is
 * counted among the lost; the pool has another in its place either way.
 */
export const takeThread = (pool: Piscina, lost: LostThreads, onEnd: () => void): ThreadSeat => {
  const main = new MessageChannel()
  const answers = new MessageChannel()
  const bell = new Int32Array(new SharedArrayBuffer(4))
  const killer = new AbortController()
  const task: WorkerTask = { port: main.port2, answers: answers.port2, bell }
  const gone = pool.run(task, { transferList: transferring(main.port2, answers.port2), signal: killer.signal }).then(
    () => 'it left',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  const end = async (): Promise<void> => {
    const ended = seat.thread === undefined ? undefined : lost.awaitEnd(seat.thread)
    killer.abort()
    await Promise.all([gone, ended])
  }
  const near = ringing(closingWith(gone, messagePort<Order>(main.port1)), answers.port1, bell)
  const relay = new Relay(near, { exclusive: true, ahead: CALLS_AHEAD, end, release: () => main.port1.close() }, onEnd)
  const seat: ThreadSeat = { relay, thread: undefined }
  void gone.then((cause) => {
    if (/memory/i.test(cause)) relay.exceed('memoryBytes')
    relay.fail(`its thread ended: ${cause}`)
    main.port1.close()
    answers.port1.close()
  })
  return seat
}

type TransferList = NonNullable<NonNullable<Parameters<Piscina['run']>[1]>['transferList']>

// oxlint-disable typescript/no-unsafe-type-assertion -- Piscina derives this type from the last overload of
// `postMessage`, which in Node's newer types is no longer the one that takes a list
const transferring = (...ports: MessagePort[]): TransferList => ports as unknown as TransferList
// oxlint-enable typescript/no-unsafe-type-assertion

/** A port closes when its thread dies, and knows no cause; the pool hears of it a moment later, and does. */
const closingWith = (gone: Promise<string>, port: Port<Order>): Port<Order> => ({
  ...port,
  listen: (onMessage, onClose) => {
    port.listen(onMessage, () => void gone.then(onClose))
  },
})

/** Sends answers to synchronous host calls by a port and a bell of their own: the thread that waits for them is blocked. */
const ringing = (port: Port<Order>, answers: { postMessage(text: string): void }, bell: Int32Array): Port<Order> => ({
  ...port,
  post: (order, text = '') => {
    if (order.t !== 'answer') {
      port.post(order, text)
      return
    }
    answers.postMessage(`${order.ok ? 1 : 0}${text}`)
    Atomics.add(bell, 0, 1)
    Atomics.notify(bell, 0)
  },
})
