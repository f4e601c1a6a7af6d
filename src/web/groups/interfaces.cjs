// The interfaces that jsdom implements, installed into an object of ours in place of a window.

const host = require('ringfence:host')

const SOURCES = {
  AbortController: () => require('jsdom/lib/generated/idl/AbortController.js'),
  AbortSignal: () => require('jsdom/lib/generated/idl/AbortSignal.js'),
  Blob: () => require('jsdom/lib/generated/idl/Blob.js'),
  CustomEvent: () => require('jsdom/lib/generated/idl/CustomEvent.js'),
  DOMException: () => require('jsdom/lib/generated/idl/DOMException.js'),
  ErrorEvent: () => require('jsdom/lib/generated/idl/ErrorEvent.js'),
  Event: () => require('jsdom/lib/generated/idl/Event.js'),
  EventTarget: () => require('jsdom/lib/generated/idl/EventTarget.js'),
  File: () => require('jsdom/lib/generated/idl/File.js'),
  FormData: () => require('jsdom/lib/generated/idl/FormData.js'),
  Headers: () => require('jsdom/lib/generated/idl/Headers.js'),
  MessageEvent: () => require('jsdom/lib/generated/idl/MessageEvent.js'),
  Performance: () => require('jsdom/lib/generated/idl/Performance.js'),
  PromiseRejectionEvent: () => require('jsdom/lib/generated/idl/PromiseRejectionEvent.js'),
}

const arrayIterator = Object.getPrototypeOf([][Symbol.iterator]())
const asyncGenerator = Object.getPrototypeOf(async function* () {}).prototype

/** Where generated code looks for the constructors and intrinsics of its realm. */
const registry = {
  __proto__: null,
  '%Object.prototype%': Object.prototype,
  '%Array.prototype%': Array.prototype,
  '%IteratorPrototype%': Object.getPrototypeOf(arrayIterator),
  '%AsyncIteratorPrototype%': Object.getPrototypeOf(asyncGenerator),
}

/** What generated code takes for the window. */
const realm = {
  __proto__: null,
  Array,
  ArrayBuffer,
  Number,
  Object,
  Promise,
  RangeError,
  String,
  SyntaxError,
  TypeError,
  Uint8Array,
  setTimeout: host.setTimeout,
  [Symbol.for('[webidl2js] constructor registry')]: registry,
}

/** What is made beyond what jsdom has. */
const ADDITIONS = {
  Blob: () => require('./blob-stream.js').addStream,
  DOMException: () => require('./dom-exception.cjs').makeError,
}

const install = (name) => {
  SOURCES[name]().install(realm, ['Window'])
  // The bundler may have called the class otherwise.
  Object.defineProperty(realm[name], 'name', { value: name, configurable: true })
  ADDITIONS[name]?.()(realm[name])
  host.setPlatformKind(realm[name].prototype, name)
}

// An interface finds its parent and what it makes by name: whoever is asked for first is installed then.
for (const name of Object.keys(SOURCES)) {
  const lazily = (target) => {
    Object.defineProperty(target, name, {
      configurable: true,
      get: () => {
        install(name)
        return realm[name]
      },
      set: (value) => {
        Object.defineProperty(target, name, { value, writable: true })
      },
    })
  }
  lazily(registry)
  lazily(realm)
  Object.defineProperty(exports, name, { get: () => realm[name] })
}

exports.names = Object.keys(SOURCES)
exports.realm = realm
