// Every module of Node that is offered, each evaluated when it is first imported.

const lazily = (name, load) => {
  let value
  Object.defineProperty(exports, `node:${name}`, {
    get() {
      value ??= load()
      return value
    },
  })
}

lazily('assert', () => require('assert/'))
lazily('assert/strict', () => require('assert/').strict)
lazily('buffer', () => require('./buffer.cjs'))
lazily('events', () => require('events/'))
lazily('path', () => require('path-browserify'))
lazily('path/posix', () => require('path-browserify'))
lazily('querystring', () => require('./querystring.cjs'))
lazily('stream', () => require('readable-stream'))
lazily('stream/promises', () => require('readable-stream').promises)
lazily('string_decoder', () => require('string_decoder/'))
lazily('timers', () => require('./timers.cjs'))
lazily('timers/promises', () => require('./timers.cjs').promises)
lazily('url', () => require('./url.cjs'))
lazily('util', () => require('./util.cjs'))
lazily('util/types', () => require('./util.cjs').types)
