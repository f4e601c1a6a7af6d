const web = require('ringfence:web')
const util = require('util/')
const { isDeepStrictEqual } = require('assert/build/internal/util/comparisons')

/** As Node has it; the library's replaces `prototype`, which a class does not let. */
const inherits = (constructor, superConstructor) => {
  Object.defineProperty(constructor, 'super_', { value: superConstructor, writable: true, configurable: true })
  Object.setPrototypeOf(constructor.prototype, superConstructor.prototype)
}

module.exports = {
  ...util,
  TextDecoder: web.TextDecoder,
  TextEncoder: web.TextEncoder,
  inherits,
  isDeepStrictEqual,
  toUSVString: (value) => `${value}`.toWellFormed(),
}
