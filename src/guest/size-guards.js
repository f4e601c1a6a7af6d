// Work of the engine in one go on a text larger than its guest may hold, refused as the engine refuses what is too long for it.
//
// ATTACK: `'\u0149'.repeat(2 ** 27).toUpperCase()`, `unescape`, `Symbol.for`, `JSON.parse('[' + '1,'.repeat(2 ** 27) + '1]')`. The text costs
// a few bytes for as long as nobody reads it. What is made of it takes the engine past the ceiling of its heap, or of a list,
// inside one built-in: in worker and vm that aborts the host, before anybody could have measured the guest.

/** How much longer the text may be than the memory its guest may have: one that is read takes a byte or two for each unit, and
 * what is made of it as much again. */
const UNITS_PER_BYTE = 1 / 4
let longestRead = 2 ** 26

/** @param {number} memoryBytes */
const boundReading = (memoryBytes) => {
  longestRead = MathMin(MathFloor(memoryBytes * UNITS_PER_BYTE), 2 ** 26)
}

/** The text of a value, when it is not too long to be read. @param {unknown} value */
const readable = (value) => {
  const text = typeof value === 'string' ? value : `${value}`
  if (text.length > longestRead) throw new RangeErrorCtor('Invalid string length')
  return text
}

/** Guards a method whose receiver is a text. @param {string} name */
const guardReceiver = (name) => {
  const native = ReflectGet(String.prototype, name)
  const { guarded } = {
    /** @this {unknown} */
    guarded() {
      const isText = this !== undefined && this !== null
      return ReflectApply(native, isText ? readable(this) : this, arguments)
    },
  }
  replaceNative(String.prototype, name, guarded)
}

/** Guards a function whose first argument is a text. @param {object} holder @param {string} name */
const guardArgument = (holder, name) => {
  const native = ReflectGet(holder, name)
  const { guarded } = {
    guarded(/** @type {unknown} */ text) {
      const read = readable(text)
      return arguments.length > 1 ? native(read, arguments[1]) : native(read)
    },
  }
  replaceNative(holder, name, guarded)
}

/** Puts the guarded functions in place of the engine's. */
const guardSizes = () => {
  const methods = ['toUpperCase', 'toLowerCase', 'toLocaleUpperCase', 'toLocaleLowerCase', 'normalize']
  for (const name of methods) guardReceiver(name)
  const functions = ['encodeURI', 'encodeURIComponent', 'decodeURI', 'decodeURIComponent', 'escape', 'unescape']
  for (const name of functions) guardArgument(globalThis, name)
  guardArgument(Symbol, 'for')
  guardArgument(JSON, 'parse')
}
