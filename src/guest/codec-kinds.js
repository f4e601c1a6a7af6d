// What a value is, as structured clone sees it, and the two ways in which encoding fails.

/** Thrown while encoding when the text would pass its limit. */
class OutputTooLarge extends RangeErrorCtor {
  #tooLarge = true
  /** @param {number} maxLength */
  constructor(maxLength) {
    super(`Cannot encode value: its text is longer than ${maxLength} characters`)
    defineOwn(this, 'name', 'OutputTooLarge', false)
  }
  /** @param {unknown} value */
  static is(value) {
    return typeof value === 'object' && value !== null && #tooLarge in value && value.#tooLarge
  }
}

/** Thrown while encoding a value that structured clone does not carry. */
class DataCloneError extends ErrorCtor {
  #notCloneable = true
  /** @param {string} message */
  constructor(message) {
    super(message)
    defineOwn(this, 'name', 'DataCloneError', false)
  }
  /** @param {unknown} value */
  static is(value) {
    return typeof value === 'object' && value !== null && #notCloneable in value && value.#notCloneable
  }
}

// `instanceof` would ask `Symbol.hasInstance` of the parent constructors, which a guest may define: private names
// cannot be forged.
const isTooLarge = OutputTooLarge.is
const isDataCloneError = DataCloneError.is

/** @typedef {'plain' | 'array' | 'map' | 'set' | 'date' | 'regexp' | 'boxed' | 'error' | 'buffer' | 'view'} CloneKind */
/** @typedef {{ kind: CloneKind, error: string, refused: string }} Intrinsic */

/** @param {CloneKind} kind @param {string} [error] @param {string} [refused] @returns {Intrinsic} */
const intrinsic = (kind, error = '', refused = '') => ({ kind, error, refused })

const PLAIN = intrinsic('plain')
const ARRAY = intrinsic('array')
const VIEW = intrinsic('view')

const ERROR_NAMES = 'Error EvalError RangeError ReferenceError SyntaxError TypeError URIError AggregateError'
const REFUSED_NAMES =
  'Promise WeakMap WeakSet WeakRef FinalizationRegistry SharedArrayBuffer Iterator DisposableStack AsyncDisposableStack ' +
  'URL URLSearchParams Blob AbortController AbortSignal Event EventTarget'

/** @type {(value: unknown) => unknown} */
const errorBrand = (value) => {
  if (!ErrorIsError(value)) throw new TypeErrorCtor('not an error')
}

/** @type {readonly { names: string, kind: CloneKind, brand: (value: unknown) => unknown }[]} */
const BRANDS = [
  { names: 'Map', kind: 'map', brand: MapPrototypeGetSize },
  { names: 'Set', kind: 'set', brand: SetPrototypeGetSize },
  { names: 'Date', kind: 'date', brand: DatePrototypeGetTime },
  { names: 'RegExp', kind: 'regexp', brand: RegExpPrototypeGetSource },
  { names: 'ArrayBuffer', kind: 'buffer', brand: ArrayBufferPrototypeGetByteLength },
  { names: 'String', kind: 'boxed', brand: StringPrototypeValueOf },
  { names: 'Number', kind: 'boxed', brand: NumberPrototypeValueOf },
  { names: 'Boolean', kind: 'boxed', brand: BooleanPrototypeValueOf },
  { names: 'BigInt', kind: 'boxed', brand: BigIntPrototypeValueOf },
  { names: ERROR_NAMES, kind: 'error', brand: errorBrand },
]

/**
 * As many characters as the patterns of one text may have together whose flags say unicode.
 *
 * ATTACK: `return new RegExp('[' + '\\p{L}'.repeat(1e5) + ']', 'u')`, and `'\\W'` with `iu`. Whoever decodes must construct it, and V8
 * builds such a set piece by piece, up to 0.2 ms for each character: 80 seconds of the host's thread for 600 KB.
 */
const MAX_UNICODE_PATTERNS = 2000

/**
 * ATTACK: `Object.assign([], { length: 2 ** 32 - 1 })`, thirty characters for a list that nobody can walk: JSON.stringify,
 * a schema or a loop of the host's would be at it for minutes. A value has no more holes than this, whoever made it.
 */
const MAX_HOLES = 2 ** 26

/** What a pattern takes of `MAX_UNICODE_PATTERNS`. @param {string} source @param {string} flags */
const patternCost = (source, flags) =>
  StringPrototypeIncludes(flags, 'u') || StringPrototypeIncludes(flags, 'v') ? source.length : 0

/** The error constructors of this realm, by name. @type {Map<string, ErrorConstructor>} */
const errorConstructors = new MapCtor()
/** What the prototypes of this realm say of their heirs. @type {Map<object, Intrinsic>} */
const intrinsics = new MapCtor()
/** The brand check of every kind but arrays, views and plain objects. @type {Map<Intrinsic, (value: unknown) => unknown>} */
const brands = new MapCtor()

{
  // Runs once, before any guest code: the language's own iteration is still safe here.
  for (const { names, kind, brand } of BRANDS) {
    for (const name of names.split(' ')) {
      const constructor = Reflect.get(globalThis, name)
      const known = intrinsic(kind, kind === 'error' ? name : '')
      if (kind === 'error') errorConstructors.set(name, constructor)
      intrinsics.set(constructor.prototype, known)
      brands.set(known, brand)
    }
  }
  intrinsics.set(Symbol.prototype, intrinsic('boxed', '', 'a boxed symbol'))
  for (const name of REFUSED_NAMES.split(' ')) {
    const prototype = Reflect.get(globalThis, name)?.prototype
    const article = /^[AEI]/.test(name) ? 'an' : 'a'
    if (prototype !== undefined) intrinsics.set(prototype, intrinsic('plain', '', `${article} ${name}`))
  }
  const asyncIterator = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype))
  intrinsics.set(asyncIterator, intrinsic('plain', '', 'an async iterator'))
}

/** Has what inherits from a prototype refused by name, or taken for an error, and not for a plain object without properties.
 * @param {unknown} prototype @param {unknown} name */
const setPlatformKind = (prototype, name) => {
  if (typeof prototype !== 'object' || prototype === null || typeof name !== 'string') return
  if (prototype === ObjectPrototype || MapPrototypeHas(intrinsics, prototype)) return
  const known = name === 'DOMException' ? intrinsic('error', 'Error') : intrinsic('plain', '', `of kind ${name}`)
  MapPrototypeSet(intrinsics, prototype, known)
}

/** What to say when structured clone does not carry a value.
 * @param {unknown} value
 * @returns {string} */
const refusedPrimitive = (value) => (typeof value === 'function' ? 'a function' : 'a symbol')

/** The kind of an object whose prototypes are of another realm: by its brands alone, since its prototypes are unknown.
 * @param {object} value
 * @returns {Intrinsic} */
const foreignKind = (value) => {
  let found = PLAIN
  MapPrototypeForEach(brands, (/** @type {(value: unknown) => unknown} */ brand, /** @type {Intrinsic} */ known) => {
    if (found === PLAIN && passes(brand, value)) found = known
  })
  if (found !== PLAIN) return found
  const tag = ReflectGet(value, SymbolToStringTag)
  if (typeof tag !== 'string' || tag === '') return PLAIN
  return StringPrototypeIncludes(` ${REFUSED_NAMES} Generator `, ` ${tag} `)
    ? intrinsic('plain', '', `of kind ${tag}`)
    : PLAIN
}

/** What structured clone takes an object for. A guest that gives a `Map` the prototype of plain objects gets a plain
 * object; a proxy counts as the plain object or array it shows, since nothing in the language can tell.
 * @param {object} value
 * @returns {Intrinsic} */
const kindOf = (value) => {
  if (ArrayIsArray(value)) return ARRAY
  if (ArrayBufferIsView(value)) return VIEW
  let prototype = ObjectGetPrototypeOf(value)
  let last = null
  while (prototype !== null && prototype !== ObjectPrototype) {
    const known = MapPrototypeGet(intrinsics, prototype)
    if (known !== undefined) {
      const brand = MapPrototypeGet(brands, known)
      return brand === undefined || passes(brand, value) ? known : PLAIN
    }
    last = prototype
    prototype = ObjectGetPrototypeOf(prototype)
  }
  return prototype === null && last !== null ? foreignKind(value) : PLAIN
}
