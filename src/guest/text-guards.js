// Methods of texts that make a list of what they find, or build a text from it: the same guards for those that search for texts.

/** @type {(self: unknown, ...args: any[]) => any} */
const nativeMatch = uncurryThis(/** @type {any} */ (String.prototype.match))
/** @type {(self: unknown, ...args: any[]) => string} */
const nativeReplace = uncurryThis(/** @type {any} */ (String.prototype.replace))
/** @type {(self: unknown, ...args: any[]) => string} */
const nativeReplaceAll = uncurryThis(/** @type {any} */ (String.prototype.replaceAll))
/** @type {(self: unknown, ...args: any[]) => string[]} */
const nativeSplit = uncurryThis(/** @type {any} */ (String.prototype.split))

/** Splits a long text at a text. @param {string} text @param {string} separator @param {number} most */
const splitByText = (text, separator, most) => {
  const pieces = createList()
  if (separator === '') {
    for (let at = 0; at < text.length && at < most; at++) addPiece(pieces, text[at])
    return asArray(pieces)
  }
  for (let start = 0; pieces.length < most; ) {
    const end = StringPrototypeIndexOf(text, separator, start)
    addPiece(pieces, end === -1 ? StringPrototypeSlice(text, start) : StringPrototypeSlice(text, start, end))
    if (end === -1) break
    start = end + separator.length
  }
  return asArray(pieces)
}

/** Finds a text as a regular expression without groups would. @param {string} wanted */
const finderOf = (wanted) => ({
  __proto__: null,
  flags: 'g',
  global: true,
  unicode: false,
  lastIndex: 0,
  exec(/** @type {string} */ text) {
    const index = this.lastIndex > text.length ? -1 : StringPrototypeIndexOf(text, wanted, this.lastIndex)
    this.lastIndex = index === -1 ? 0 : index + wanted.length
    return index === -1 ? null : { __proto__: null, 0: wanted, length: 1, index }
  },
})

/** Throws what `replaceAll` throws for a regular expression that is not global. @param {Record<PropertyKey, any>} pattern */
const expectGlobal = (pattern) => {
  const matcher = pattern[/** @type {any} */ (SymbolMatch)]
  if (matcher === undefined ? !passes(RegExpPrototypeGetSource, pattern) : !matcher) return
  const { flags } = pattern
  if (flags !== undefined && flags !== null && StringPrototypeIncludes(`${flags}`, 'g')) return
  throw new TypeErrorCtor('replaceAll must be called with a global RegExp')
}

const guardedTextMethods = {
  /** @this {unknown} @param {any} pattern */
  match(pattern) {
    // Straight to the engine's own: from there the way back through the guard is a long one.
    if (typeof this === 'string' && this.length <= LONG_TEXT && typeof pattern === 'object' && pattern !== null) {
      if (pattern[SymbolMatch] === guardedPatternMethods.match) return nativeRegExpMatch(pattern, this)
    }
    return nativeMatch(this, pattern)
  },
  /** @this {unknown} @param {any} pattern @param {unknown} replacement */
  replace(pattern, replacement) {
    if (typeof this === 'string' && this.length <= LONG_TEXT && typeof pattern === 'object' && pattern !== null) {
      if (pattern[SymbolReplace] === guardedPatternMethods.replace) {
        return nativeRegExpReplace(pattern, this, replacement)
      }
    }
    return nativeReplace(this, pattern, replacement)
  },
  /** @this {any} @param {any} pattern @param {unknown} replacement */
  replaceAll(pattern, replacement) {
    if (this === undefined || this === null) return nativeReplaceAll(this, pattern, replacement)
    if (typeof this === 'string' && this.length <= LONG_TEXT) return nativeReplaceAll(this, pattern, replacement)
    if (isObject(pattern)) {
      expectGlobal(pattern)
      const replacer = pattern[/** @type {any} */ (SymbolReplace)]
      if (replacer !== undefined && replacer !== null) return ReflectApply(replacer, pattern, [this, replacement])
    }
    const text = `${this}`
    const wanted = `${pattern}`
    const by = typeof replacement === 'function' ? replacement : `${replacement}`
    return text.length <= LONG_TEXT
      ? nativeReplaceAll(text, wanted, by)
      : nativeRegExpReplace(finderOf(wanted), text, by)
  },
  /** @this {any} @param {any} separator @param {unknown} limit */
  split(separator, limit) {
    if (typeof this === 'string' && this.length <= LONG_TEXT) {
      const isPattern = typeof separator === 'object' && separator !== null
      return isPattern && separator[SymbolSplit] === guardedPatternMethods.split
        ? nativeRegExpSplit(separator, this, limit)
        : nativeSplit(this, separator, limit)
    }
    if (this === undefined || this === null) return nativeSplit(this, separator, limit)
    if (isObject(separator)) {
      const splitter = separator[/** @type {any} */ (SymbolSplit)]
      if (splitter !== undefined && splitter !== null) return ReflectApply(splitter, separator, [this, limit])
    }
    const text = `${this}`
    const most = toLimit(limit)
    const by = `${separator}`
    if (most === 0) return []
    if (separator === undefined) return [text]
    return text.length <= LONG_TEXT ? nativeSplit(text, by, most) : splitByText(text, by, most)
  },
}

/** Puts the guarded methods in place of the engine's. */
const guardTextMethods = () => {
  replaceNative(String.prototype, 'match', guardedTextMethods.match)
  replaceNative(String.prototype, 'replace', guardedTextMethods.replace)
  replaceNative(String.prototype, 'replaceAll', guardedTextMethods.replaceAll)
  replaceNative(String.prototype, 'split', guardedTextMethods.split)
}
