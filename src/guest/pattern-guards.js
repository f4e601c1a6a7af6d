// Work on long texts that makes a list of what it finds, replaced by steps in JavaScript.
//
// ATTACK: `'x'.repeat(2 ** 28).split('')`, `match(/x/g)`. The engine's list has 2^27 places at most; for one more it aborts the whole
// process: in vm and worker, the host. ATTACK: `'x'.repeat(2 ** 28).replaceAll('x', 'yy')`: a loop of the engine that looks at
// no interrupt, for minutes. Texts of ordinary length keep the engine's own.

const LONG_TEXT = 2 ** 22
/** More pieces than a list of the engine can be counted on to hold. */
const MAX_PIECES = 2 ** 26

const SymbolMatch = Symbol.match
const SymbolReplace = Symbol.replace
const SymbolSpecies = Symbol.species
const SymbolSplit = Symbol.split
const RegExpExecFunction = RegExp.prototype.exec
const nativeRegExpMatch = uncurryThis(RegExp.prototype[Symbol.match])
/** @type {(self: unknown, text: string, replacement: unknown) => string} */
const nativeRegExpReplace = uncurryThis(/** @type {any} */ (RegExp.prototype[Symbol.replace]))
/** @type {(self: unknown, text: string, limit: unknown) => string[]} */
const nativeRegExpSplit = uncurryThis(/** @type {any} */ (RegExp.prototype[Symbol.split]))
/** @param {unknown} value @returns {value is Record<PropertyKey, any>} */
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function'

/** @param {unknown[]} pieces @param {unknown} piece */
const addPiece = (pieces, piece) => {
  if (pieces.length >= MAX_PIECES) throw new RangeErrorCtor('Invalid array length')
  pieces[pieces.length] = piece
}

/** RegExpExec of the specification. @param {Record<PropertyKey, any>} regExp @param {string} text */
const execOf = (regExp, text) => {
  const { exec } = regExp
  if (typeof exec !== 'function') return RegExpPrototypeExec(/** @type {any} */ (regExp), text)
  const result = ReflectApply(exec, regExp, [text])
  if (result === null || isObject(result)) return result
  throw new TypeErrorCtor('object null is not a function')
}

/** Stands for a regular expression in the engine's own algorithms, which then call a function for each match: there they look
 * at interrupts, and there matches are counted.
 * @param {Record<PropertyKey, any>} regExp */
const inSteps = (regExp) => {
  let matches = 0
  return {
    __proto__: null,
    get constructor() {
      return speciesInSteps(regExp)
    },
    get flags() {
      return regExp['flags']
    },
    get global() {
      return regExp['global']
    },
    get unicode() {
      return regExp['unicode']
    },
    get lastIndex() {
      return regExp['lastIndex']
    },
    set lastIndex(index) {
      regExp['lastIndex'] = index
    },
    exec(/** @type {string} */ text) {
      matches += 1
      if (matches > MAX_PIECES) throw new RangeErrorCtor('Invalid array length')
      return execOf(regExp, text)
    },
  }
}

/** SpeciesConstructor of the specification; undefined for the engine's own.
 * @param {Record<PropertyKey, any>} regExp @returns {any} */
const speciesOf = (regExp) => {
  const { constructor } = regExp
  if (constructor === undefined) return undefined
  if (!isObject(constructor)) throw new TypeErrorCtor('The .constructor property is not an object')
  const species = /** @type {any} */ (constructor)[SymbolSpecies]
  return species === undefined || species === null || species === RegExpCtor ? undefined : species
}

/** A constructor whose regular expressions work in steps. @param {Record<PropertyKey, any>} regExp */
const speciesInSteps = (regExp) => ({
  __proto__: null,
  [SymbolSpecies]: function (/** @type {unknown} */ _, /** @type {string} */ flags) {
    return inSteps(ReflectConstruct(speciesOf(regExp) ?? RegExpCtor, [regExp, flags]))
  },
})

/** How many pieces at most. @param {unknown} limit */
const toLimit = (limit) => (limit === undefined ? 2 ** 32 - 1 : /** @type {number} */ (limit) >>> 0)

/** Gives a list the look of any other. @param {any[]} pieces */
const asArray = (pieces) => ObjectSetPrototypeOf(pieces, ArrayPrototype)

/** Says whether two units make one character. @param {string} text @param {number} index */
const isPairAt = (text, index) => {
  const lead = StringPrototypeCharCodeAt(text, index)
  const trail = StringPrototypeCharCodeAt(text, index + 1)
  return lead >= 0xd800 && lead < 0xdc00 && trail >= 0xdc00 && trail < 0xe000
}

/** Splits a long text at a regular expression that nobody has changed: one search for each piece.
 * @param {Record<PropertyKey, any>} regExp @param {string} text @param {unknown} limit */
const splitByPattern = (regExp, text, limit) => {
  let flags = 'g'
  const all = `${regExp['flags']}`
  for (let i = 0; i < all.length; i++) if (all[i] !== 'g' && all[i] !== 'y') flags += all[i]
  const byCodePoint = StringPrototypeIncludes(flags, 'u') || StringPrototypeIncludes(flags, 'v')
  const finder = new RegExpCtor(/** @type {any} */ (regExp), flags)
  const pieces = createList()
  const most = toLimit(limit)
  let start = 0
  let from = 0
  while (pieces.length < most) {
    finder.lastIndex = from
    const found = from < text.length ? RegExpPrototypeExec(finder, text) : null
    if (found === null || found.index >= text.length) break
    const end = finder.lastIndex
    if (end === start) {
      from = found.index + (byCodePoint && isPairAt(text, found.index) ? 2 : 1)
    } else {
      addPiece(pieces, StringPrototypeSlice(text, start, found.index))
      for (let group = 1; group < found.length && pieces.length < most; group++) addPiece(pieces, found[group])
      start = end
      from = end
    }
  }
  if (pieces.length < most) addPiece(pieces, StringPrototypeSlice(text, start))
  return asArray(pieces)
}

const guardedPatternMethods = {
  /** @this {unknown} @param {unknown} string */
  match(string) {
    if (!isObject(this)) return nativeRegExpMatch(/** @type {any} */ (this), '')
    const text = typeof string === 'string' ? string : `${string}`
    return nativeRegExpMatch(/** @type {any} */ (text.length <= LONG_TEXT ? this : inSteps(this)), text)
  },
  /** @this {unknown} @param {unknown} string @param {unknown} replacement */
  replace(string, replacement) {
    if (!isObject(this)) return nativeRegExpReplace(this, '', '')
    const text = typeof string === 'string' ? string : `${string}`
    return nativeRegExpReplace(text.length <= LONG_TEXT ? this : inSteps(this), text, replacement)
  },
  /** @this {unknown} @param {unknown} string @param {unknown} limit */
  split(string, limit) {
    if (!isObject(this)) return nativeRegExpSplit(this, '', undefined)
    const text = typeof string === 'string' ? string : `${string}`
    if (text.length <= LONG_TEXT) return nativeRegExpSplit(this, text, limit)
    const isPlain = speciesOf(this) === undefined && this['exec'] === RegExpExecFunction
    return isPlain ? splitByPattern(this, text, limit) : nativeRegExpSplit(inSteps(this), text, limit)
  },
}

/** Puts the guarded methods in place of the engine's. */
const guardPatternMethods = () => {
  replaceNative(RegExp.prototype, Symbol.match, guardedPatternMethods.match)
  replaceNative(RegExp.prototype, Symbol.replace, guardedPatternMethods.replace)
  replaceNative(RegExp.prototype, Symbol.split, guardedPatternMethods.split)
}
