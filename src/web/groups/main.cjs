// Every name of the web platform that a library brings, each evaluated when it is first read.

const { setPlatformKind } = require('ringfence:host')
const interfaces = require('./interfaces.cjs')

const lazily = (load, names) => {
  for (const name of names) {
    const get = () => {
      const value = load()[name]
      if (typeof value !== 'function') return value
      setPlatformKind(value.prototype, name)
      // Where two libraries have something of this name, the bundler calls one of them otherwise.
      if (value.name !== name) Object.defineProperty(value, 'name', { value: name, configurable: true })
      return value
    }
    Object.defineProperty(exports, name, { get, enumerable: true })
  }
}

lazily(() => require('whatwg-url'), ['URL', 'URLSearchParams'])
lazily(() => require('urlpattern-polyfill/urlpattern'), ['URLPattern'])
lazily(
  () => require('@exodus/bytes/encoding.js'),
  ['TextDecoder', 'TextDecoderStream', 'TextEncoder', 'TextEncoderStream'],
)
lazily(
  () => require('web-streams-polyfill'),
  [
    'ByteLengthQueuingStrategy',
    'CountQueuingStrategy',
    'ReadableByteStreamController',
    'ReadableStream',
    'ReadableStreamBYOBReader',
    'ReadableStreamBYOBRequest',
    'ReadableStreamDefaultController',
    'ReadableStreamDefaultReader',
    'TransformStream',
    'TransformStreamDefaultController',
    'WritableStream',
    'WritableStreamDefaultController',
    'WritableStreamDefaultWriter',
  ],
)
lazily(() => interfaces, interfaces.names)
lazily(() => require('./compression.js'), ['CompressionStream', 'DecompressionStream'])
lazily(() => require('./messages.js'), ['MessageChannel', 'MessagePort'])
lazily(() => require('./base64.js'), ['atob', 'btoa'])
lazily(() => require('./clock.js'), ['performance'])
lazily(() => require('./navigator.js'), ['navigator'])
lazily(() => require('./crypto/interfaces.js'), ['Crypto', 'CryptoKey', 'SubtleCrypto', 'crypto'])
lazily(() => require('./fetch/request.js'), ['Request'])
lazily(() => require('./fetch/response.js'), ['Response'])
lazily(() => require('./fetch/fetch.js'), ['fetch'])
