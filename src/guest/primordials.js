// Everything the guest text needs of the language, captured before any guest code runs.
//
// ATTACK: `Array.prototype.push = steal`, `delete Map.prototype.get`, `Object.prototype.get = evil`, `globalThis.JSON = {}`.
// Guest code may replace every intrinsic. Were the kernel to look one up afterwards, the guest would see the kernel's
// values or decide what the kernel does. So the other guest files say `MapPrototypeGet(map, key)`, never `map.get(key)`,
// never name a global, use no for-of, spread or array destructuring (they look up iterators), write into lists without
// a prototype only, and read from objects only what is their own.

/** Turns a method into a function that takes its receiver first, looking nothing up when called.
 * @type {<T, A extends unknown[], R>(method: (this: T, ...args: A) => R) => (self: T, ...args: A) => R} */
const uncurryThis = Function.prototype.bind.bind(Function.prototype.call)

/** The getter of an accessor property, receiver first. Undefined results mean what the getter says.
 * @param {object} holder
 * @param {PropertyKey} key
 * @returns {(self: unknown) => unknown} */
const uncurryGetter = (holder, key) => {
  const descriptor = Object.getOwnPropertyDescriptor(holder, key)
  if (descriptor?.get === undefined) throw new TypeError(`Cannot capture getter "${String(key)}": there is none`)
  return uncurryThis(descriptor.get)
}

/** A method that not every supported engine has, receiver first; undefined where it is missing.
 * @param {object} holder
 * @param {string} key
 * @returns {((self: unknown, ...args: unknown[]) => unknown) | undefined} */
const uncurryOptional = (holder, key) => {
  const method = Reflect.get(holder, key)
  return typeof method === 'function' ? uncurryThis(method) : undefined
}

const ObjectCtor = Object
const ObjectPrototype = Object.prototype
const ObjectCreate = Object.create
const ObjectDefineProperty = Object.defineProperty
const ObjectFreeze = Object.freeze
const ObjectGetOwnPropertyDescriptor = Object.getOwnPropertyDescriptor
const ObjectGetOwnPropertySymbols = Object.getOwnPropertySymbols
const ObjectGetPrototypeOf = Object.getPrototypeOf
const ObjectHasOwn = Object.hasOwn
const ObjectIs = Object.is
const ObjectKeys = Object.keys
const ObjectSetPrototypeOf = Object.setPrototypeOf
const ObjectPrototypePropertyIsEnumerable = uncurryThis(Object.prototype.propertyIsEnumerable)

const ReflectApply = Reflect.apply
const ReflectConstruct = Reflect.construct
const ReflectDeleteProperty = Reflect.deleteProperty
const ReflectGet = Reflect.get
const ReflectOwnKeys = Reflect.ownKeys
const ReflectSet = Reflect.set

const FunctionPrototype = Function.prototype
const FunctionPrototypeToString = uncurryThis(Function.prototype.toString)

const ArrayPrototype = Array.prototype
const ArrayIsArray = Array.isArray
const ArrayPrototypeJoin = uncurryThis(Array.prototype.join)
const ArrayPrototypeSort = uncurryThis(Array.prototype.sort)
const ArrayPrototypeToSpliced = uncurryThis(Array.prototype.toSpliced)

const StringCtor = String
const StringFromCharCode = String.fromCharCode
const StringPrototype = String.prototype
const StringPrototypeCharCodeAt = uncurryThis(String.prototype.charCodeAt)
const StringPrototypeIncludes = uncurryThis(String.prototype.includes)
const StringPrototypeIndexOf = uncurryThis(String.prototype.indexOf)
const StringPrototypeIsWellFormed = uncurryThis(String.prototype.isWellFormed)
const StringPrototypePadEnd = uncurryThis(String.prototype.padEnd)
const StringPrototypePadStart = uncurryThis(String.prototype.padStart)
const StringPrototypeRepeat = uncurryThis(String.prototype.repeat)
const StringPrototypeSlice = uncurryThis(String.prototype.slice)
const StringPrototypeStartsWith = uncurryThis(String.prototype.startsWith)
const StringPrototypeValueOf = uncurryThis(String.prototype.valueOf)

const NumberCtor = Number
const NumberIsInteger = Number.isInteger
const NumberParseFloat = Number.parseFloat
const NumberParseInt = Number.parseInt
const NumberPrototypeToFixed = uncurryThis(Number.prototype.toFixed)
const NumberPrototypeToString = uncurryThis(Number.prototype.toString)
const NumberPrototypeValueOf = uncurryThis(Number.prototype.valueOf)
const MathFloor = Math.floor
const MathMax = Math.max
const MathMin = Math.min
const MathRound = Math.round
const MathSqrt = Math.sqrt
const MathTrunc = Math.trunc

const BooleanPrototypeValueOf = uncurryThis(Boolean.prototype.valueOf)
const BigIntCtor = BigInt
const BigIntPrototypeToString = uncurryThis(BigInt.prototype.toString)
const BigIntPrototypeValueOf = uncurryThis(BigInt.prototype.valueOf)
const SymbolPrototypeToString = uncurryThis(Symbol.prototype.toString)
const SymbolPrototypeValueOf = uncurryThis(Symbol.prototype.valueOf)
const SymbolAsyncIterator = Symbol.asyncIterator
const SymbolIterator = Symbol.iterator
const SymbolToPrimitive = Symbol.toPrimitive
const SymbolToStringTag = Symbol.toStringTag

const JSONParse = JSON.parse
const JSONStringify = JSON.stringify

const RegExpCtor = RegExp
const RegExpPrototypeExec = uncurryThis(RegExp.prototype.exec)
const RegExpPrototypeGetDotAll = uncurryGetter(RegExp.prototype, 'dotAll')
const RegExpPrototypeGetGlobal = uncurryGetter(RegExp.prototype, 'global')
const RegExpPrototypeGetHasIndices = uncurryGetter(RegExp.prototype, 'hasIndices')
const RegExpPrototypeGetIgnoreCase = uncurryGetter(RegExp.prototype, 'ignoreCase')
const RegExpPrototypeGetMultiline = uncurryGetter(RegExp.prototype, 'multiline')
const RegExpPrototypeGetSource = uncurryGetter(RegExp.prototype, 'source')

const RegExpPrototypeGetSticky = uncurryGetter(RegExp.prototype, 'sticky')
const RegExpPrototypeGetUnicode = uncurryGetter(RegExp.prototype, 'unicode')
const RegExpPrototypeGetUnicodeSets = uncurryGetter(RegExp.prototype, 'unicodeSets')

/** The flags of a true RegExp. The getter `flags` itself would look up eight properties that a guest may have replaced.
 * @param {unknown} regExp */
const regExpFlags = (regExp) =>
  (RegExpPrototypeGetHasIndices(regExp) ? 'd' : '') +
  (RegExpPrototypeGetGlobal(regExp) ? 'g' : '') +
  (RegExpPrototypeGetIgnoreCase(regExp) ? 'i' : '') +
  (RegExpPrototypeGetMultiline(regExp) ? 'm' : '') +
  (RegExpPrototypeGetDotAll(regExp) ? 's' : '') +
  (RegExpPrototypeGetUnicode(regExp) ? 'u' : '') +
  (RegExpPrototypeGetUnicodeSets(regExp) ? 'v' : '') +
  (RegExpPrototypeGetSticky(regExp) ? 'y' : '')

const DateCtor = Date
const DatePrototypeGetTime = uncurryThis(Date.prototype.getTime)
const DatePrototypeToISOString = uncurryThis(Date.prototype.toISOString)

const MapCtor = Map
const MapPrototypeDelete = uncurryThis(Map.prototype.delete)
const MapPrototypeForEach = uncurryThis(Map.prototype.forEach)
const MapPrototypeGet = uncurryThis(Map.prototype.get)
const MapPrototypeGetSize = uncurryGetter(Map.prototype, 'size')
const MapPrototypeHas = uncurryThis(Map.prototype.has)
const MapPrototypeSet = uncurryThis(Map.prototype.set)
const SetCtor = Set
const SetPrototypeAdd = uncurryThis(Set.prototype.add)
const SetPrototypeDelete = uncurryThis(Set.prototype.delete)
const SetPrototypeForEach = uncurryThis(Set.prototype.forEach)
const SetPrototypeGetSize = uncurryGetter(Set.prototype, 'size')
const SetPrototypeHas = uncurryThis(Set.prototype.has)
const WeakMapCtor = WeakMap
const WeakMapPrototypeGet = uncurryThis(WeakMap.prototype.get)
const WeakMapPrototypeSet = uncurryThis(WeakMap.prototype.set)
const WeakSetCtor = WeakSet
const WeakSetPrototypeAdd = uncurryThis(WeakSet.prototype.add)
const WeakSetPrototypeHas = uncurryThis(WeakSet.prototype.has)

const PromiseCtor = Promise
const PromisePrototypeThen = uncurryThis(Promise.prototype.then)

const ErrorCtor = Error
const RangeErrorCtor = RangeError
const SyntaxErrorCtor = SyntaxError
const TypeErrorCtor = TypeError
const ReferenceErrorCtor = ReferenceError
const EvalErrorCtor = EvalError
/** Says whether a value is a true error; engines without `Error.isError` go by the prototype chain alone.
 * @type {(value: unknown) => boolean} */
const ErrorIsError = 'isError' in Error ? Error.isError : () => true

const ArrayBufferCtor = ArrayBuffer
const ArrayBufferIsView = ArrayBuffer.isView
const ArrayBufferPrototype = ArrayBuffer.prototype
const ArrayBufferPrototypeGetByteLength = uncurryGetter(ArrayBuffer.prototype, 'byteLength')
const ArrayBufferPrototypeGetDetached = uncurryGetter(ArrayBuffer.prototype, 'detached')
const DataViewCtor = DataView
const DataViewPrototypeGetBuffer = uncurryGetter(DataView.prototype, 'buffer')
const DataViewPrototypeGetByteLength = uncurryGetter(DataView.prototype, 'byteLength')
const DataViewPrototypeGetByteOffset = uncurryGetter(DataView.prototype, 'byteOffset')
const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype)
const TypedArrayPrototypeGetBuffer = uncurryGetter(TypedArrayPrototype, 'buffer')
const TypedArrayPrototypeGetByteLength = uncurryGetter(TypedArrayPrototype, 'byteLength')
const TypedArrayPrototypeGetByteOffset = uncurryGetter(TypedArrayPrototype, 'byteOffset')
const TypedArrayPrototypeGetLength = uncurryGetter(TypedArrayPrototype, 'length')
/** The name of a typed array's kind, or undefined: a brand check that neither throws nor can be fooled. */
const TypedArrayPrototypeGetTag = uncurryGetter(TypedArrayPrototype, Symbol.toStringTag)
const TypedArrayPrototypeSet = uncurryThis(Uint8Array.prototype.set)
const Uint8ArrayCtor = Uint8Array
const Uint8ArrayPrototypeToBase64 = uncurryOptional(Uint8Array.prototype, 'toBase64')
/** @type {unknown} */
const Uint8ArrayFromBase64 = Reflect.get(Uint8Array, 'fromBase64')

/** A list to write into by index: without a prototype, no setter that a guest put on `Array.prototype` is ever met.
 * @template T
 * @returns {T[]} */
const createList = () => ObjectSetPrototypeOf([], null)

/** One descriptor for all: making one costs more than using it. Without a prototype, a polluted `get` is never seen. */
const ownDescriptor = {
  __proto__: null,
  value: /** @type {unknown} */ (undefined),
  writable: true,
  enumerable: true,
  configurable: true,
}

/** Defines an ordinary own property, whatever setters the prototypes have.
 * @param {object} target
 * @param {PropertyKey} key
 * @param {unknown} value
 * @param {boolean} [enumerable] */
const defineOwn = (target, key, value, enumerable = true) => {
  ownDescriptor.value = value
  ownDescriptor.enumerable = enumerable
  ObjectDefineProperty(target, key, /** @type {PropertyDescriptor} */ (ownDescriptor))
  ownDescriptor.value = undefined
}

/** Says whether a call throws: how brands that only methods can see are checked.
 * @param {(value: unknown) => unknown} check
 * @param {unknown} value */
const passes = (check, value) => {
  try {
    check(value)
    return true
  } catch {
    // The method refused its receiver: that is the answer asked for.
    return false
  }
}
