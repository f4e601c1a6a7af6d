// Channels between parts of one guest: a port hands copies of messages to its other end, one task a message.

import { setTimeout } from 'ringfence:host'
import { describe } from './describe.js'

const MADE_HERE = Symbol('made here')

class MessagePort extends EventTarget {
  #other = null
  #queue = []
  #started = false
  #scheduled = false
  #closed = false
  #handlers = { __proto__: null }

  constructor(token) {
    if (token !== MADE_HERE) throw new TypeError('Illegal constructor')
    super()
  }

  static join(token, one, other) {
    if (token !== MADE_HERE) throw new TypeError('Illegal invocation')
    one.#other = other
    other.#other = one
  }

  postMessage(message) {
    const options = arguments[1]
    if (arguments.length === 0) {
      throw new TypeError("Failed to execute 'postMessage' on 'MessagePort': 1 argument required, but only 0 present")
    }
    const transfer = typeof options?.[Symbol.iterator] === 'function' ? [...options] : options?.transfer
    const data = structuredClone(message, transfer === undefined ? undefined : { transfer })
    const other = this.#other
    if (other === null || other.#closed) return
    other.#queue.push(data)
    other.#schedule()
  }

  start() {
    this.#started = true
    this.#schedule()
  }

  close() {
    this.#closed = true
    this.#queue = []
    if (this.#other !== null) this.#other.#other = null
    this.#other = null
  }

  #schedule() {
    if (this.#scheduled || !this.#started || this.#queue.length === 0) return
    this.#scheduled = true
    setTimeout(() => {
      this.#scheduled = false
      if (this.#closed) return
      const data = this.#queue.shift()
      this.#schedule()
      this.dispatchEvent(new MessageEvent('message', { data }))
    }, 0)
  }

  #handle(type, handler) {
    const known = this.#handlers[type]
    if (known !== undefined) this.removeEventListener(type, known.listener)
    this.#handlers[type] = undefined
    if (typeof handler !== 'function') return
    const listener = (event) => handler.call(this, event)
    this.#handlers[type] = { handler, listener }
    this.addEventListener(type, listener)
  }

  get onmessage() {
    return this.#handlers.message?.handler ?? null
  }

  set onmessage(handler) {
    this.#handle('message', handler)
    this.start()
  }

  get onmessageerror() {
    return this.#handlers.messageerror?.handler ?? null
  }

  set onmessageerror(handler) {
    this.#handle('messageerror', handler)
  }
}

const { join } = MessagePort
delete MessagePort.join

class MessageChannel {
  #port1 = new MessagePort(MADE_HERE)
  #port2 = new MessagePort(MADE_HERE)

  constructor() {
    join(MADE_HERE, this.#port1, this.#port2)
  }

  get port1() {
    return this.#port1
  }

  get port2() {
    return this.#port2
  }
}

describe(MessagePort, ['postMessage', 'start', 'close', 'onmessage', 'onmessageerror'])
describe(MessageChannel, ['port1', 'port2'])
Object.defineProperty(MessagePort, 'length', { value: 0, configurable: true })

export { MessageChannel, MessagePort }
