// What the libraries mean when they name a global. Put into each file by the bundler, so that they get what this realm
// was made with, whatever a guest has put in its place since.

import { now } from 'ringfence:host'
import * as web from 'ringfence:web'

export { clearTimeout, queueMicrotask, setTimeout, structuredClone } from 'ringfence:host'
export {
  AbortController,
  AbortSignal,
  Blob,
  DOMException,
  Event,
  EventTarget,
  File,
  MessageEvent,
  ReadableStream,
  TextDecoder,
  TextEncoder,
  TransformStream,
  URL,
  URLSearchParams,
} from 'ringfence:web'

/** The global object as libraries see it. They look for the natives of other platforms, which a guest may imitate in ours. */
export const realmOfLibraries = {
  __proto__: null,
  decodeURIComponent,
  // oxlint-disable-next-line typescript/no-deprecated -- the library's fastest way to decode UTF-8
  escape,
  get AbortController() {
    return web.AbortController
  },
  get DOMException() {
    return web.DOMException
  },
  get TransformStream() {
    return web.TransformStream
  },
}

/** The clock alone: the guest's `performance` is made of this one. */
export const performance = { now }

/** Holds what it is given for as long as it lives: a realm has no weak references, which show when the collector runs. */
export class WeakRef {
  #target
  constructor(target) {
    this.#target = target
  }
  deref() {
    return this.#target
  }
}

/** Memory shared between threads, of which there is none: nothing is ever one of these. */
export class SharedArrayBuffer {
  constructor() {
    throw new TypeError('Shared memory is not available here')
  }
  get byteLength() {
    throw new TypeError('Shared memory is not available here')
  }
  get growable() {
    throw new TypeError('Shared memory is not available here')
  }
}

const Bytes = ArrayBuffer

/** The prototype of buffers, with what a realm lacks because it has no buffers that grow. */
export const bufferPrototype = Object.create(Bytes.prototype, {
  byteLength: Object.getOwnPropertyDescriptor(Bytes.prototype, 'byteLength'),
  resizable: { get: () => false },
})
