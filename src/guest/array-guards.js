// Built-ins of arrays that nothing inside a process can stop, replaced where their work is not bounded.
//
// ATTACK: `Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)`, and `includes`, `lastIndexOf`, `fill`. The engine's loops
// look at no interrupt: no timeout, `dispose()` or `terminate()` ever comes back, and the process must be killed. True
// arrays of ordinary length keep the engine's own; everything else gets the specification's steps in JavaScript, which a
// deadline interrupts.

const MAX_NATIVE_LENGTH = 2 ** 24

const nativeIndexOf = uncurryThis(Array.prototype.indexOf)
const nativeIncludes = uncurryThis(Array.prototype.includes)
const nativeLastIndexOf = uncurryThis(Array.prototype.lastIndexOf)
/** @type {(self: unknown, value: unknown, start?: unknown, end?: unknown) => unknown} */
const nativeFill = uncurryThis(
  /** @type {(value: unknown, start?: any, end?: any) => unknown} */ (Array.prototype.fill),
)

/** Says whether the engine's own loop is bounded. A proxy of an array may tell another length each time it is asked.
 * @param {unknown} value
 * @returns {value is unknown[]} */
const isBoundedArray = (value) => ArrayIsArray(value) && !isProxy(value) && value.length <= MAX_NATIVE_LENGTH

/** @param {unknown} value @param {string} method
 * @returns {Record<number, unknown> & { length: unknown }} */
const toObject = (value, method) => {
  if (value === undefined || value === null) {
    throw new TypeErrorCtor(`Array.prototype.${method} called on null or undefined`)
  }
  return ObjectCtor(value)
}

/** ToIntegerOrInfinity. Converts by syntax, as the specification converts: a bigint or symbol is a TypeError.
 * @param {unknown} value */
const toInteger = (value) => MathTrunc(+(/** @type {number} */ (value))) || 0

/** LengthOfArrayLike. @param {{ length: unknown }} object */
const lengthOf = (object) => MathMin(MathMax(toInteger(object.length), 0), 2 ** 53 - 1)

/** An index counted from the end when negative. @param {number} relative @param {number} length */
const fromStart = (relative, length) => (relative < 0 ? MathMax(length + relative, 0) : MathMin(relative, length))

const guardedArrayMethods = {
  /** @this {unknown} @param {unknown} searchElement */
  indexOf(searchElement) {
    const fromIndex = arguments.length > 1 ? arguments[1] : undefined
    if (isBoundedArray(this)) return nativeIndexOf(this, searchElement, fromIndex)
    const object = toObject(this, 'indexOf')
    const length = lengthOf(object)
    if (length === 0) return -1
    for (let index = fromStart(toInteger(fromIndex), length); index < length; index++) {
      if (index in object && object[index] === searchElement) return index
    }
    return -1
  },
  /** @this {unknown} @param {unknown} searchElement */
  includes(searchElement) {
    const fromIndex = arguments.length > 1 ? arguments[1] : undefined
    if (isBoundedArray(this)) return nativeIncludes(this, searchElement, fromIndex)
    const object = toObject(this, 'includes')
    const length = lengthOf(object)
    if (length === 0) return false
    for (let index = fromStart(toInteger(fromIndex), length); index < length; index++) {
      const value = object[index]
      if (value === searchElement || (value !== value && searchElement !== searchElement)) return true
    }
    return false
  },
  /** @this {unknown} @param {unknown} searchElement */
  lastIndexOf(searchElement) {
    if (isBoundedArray(this)) {
      return arguments.length > 1
        ? nativeLastIndexOf(this, searchElement, arguments[1])
        : nativeLastIndexOf(this, searchElement)
    }
    const object = toObject(this, 'lastIndexOf')
    const length = lengthOf(object)
    if (length === 0) return -1
    const from = arguments.length > 1 ? toInteger(arguments[1]) : length - 1
    for (let index = from < 0 ? length + from : MathMin(from, length - 1); index >= 0; index--) {
      if (index in object && object[index] === searchElement) return index
    }
    return -1
  },
  /** @this {unknown} @param {unknown} value */
  fill(value) {
    const start = arguments.length > 1 ? arguments[1] : undefined
    const end = arguments.length > 2 ? arguments[2] : undefined
    if (isBoundedArray(this)) return nativeFill(this, value, start, end)
    const object = toObject(this, 'fill')
    const length = lengthOf(object)
    const first = fromStart(toInteger(start), length)
    const last = end === undefined ? length : fromStart(toInteger(end), length)
    for (let index = first; index < last; index++) object[index] = value
    return object
  },
}

/** Puts the guarded methods in place of the engine's. */
const guardArrayMethods = () => {
  replaceNative(Array.prototype, 'indexOf', guardedArrayMethods.indexOf)
  replaceNative(Array.prototype, 'includes', guardedArrayMethods.includes)
  replaceNative(Array.prototype, 'lastIndexOf', guardedArrayMethods.lastIndexOf)
  replaceNative(Array.prototype, 'fill', guardedArrayMethods.fill)
}
