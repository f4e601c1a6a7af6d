// The console's format strings: util.format of Node.

const MAX_LOG_LENGTH = 65_536

/** Says whether a `%s` shows an object by its own words: a `toString` that is not of the language.
 * @param {object} value */
const hasOwnWords = (value) => {
  let at = value
  for (let depth = 0; at !== null && depth < 100; depth++) {
    if (ObjectHasOwn(at, 'toString') || ObjectHasOwn(at, SymbolToPrimitive)) return !isBuiltInPrototype(at)
    at = ObjectGetPrototypeOf(at)
  }
  return false
}

/** @param {object} value */
const isBuiltInPrototype = (value) =>
  value === ObjectPrototype ||
  value === ArrayPrototype ||
  value === TypedArrayPrototype ||
  MapPrototypeHas(intrinsics, value)

/** @param {unknown} value @returns {string} */
const formatAsText = (value) => {
  if (typeof value === 'bigint' || typeof value === 'number') return showPrimitive(value, 0, BREAK_LENGTH)
  if (typeof value !== 'object' || value === null || hasOwnWords(value)) return StringCtor(value)
  return inspect(value, MAX_LOG_LENGTH, { depth: 0 })
}

/** @param {unknown} value @returns {string} */
const formatAsJson = (value) => {
  try {
    return JSONStringify(value)
  } catch {
    // A cycle, a bigint, a `toJSON` that throws: Node throws for the latter two; a console of a guest never does.
    return '[Circular]'
  }
}

/** @param {unknown} value @param {(value: unknown) => number} convert */
const formatAsNumber = (value, convert) => {
  if (typeof value === 'bigint') return showBigInt(value)
  return typeof value === 'symbol' ? 'NaN' : showNumber(convert(value))
}

/** The text of one placeholder; undefined when the character is none.
 * @param {string} letter @param {unknown} value
 * @returns {string | undefined} */
const formatPlaceholder = (letter, value) => {
  switch (letter) {
    case 's':
      return formatAsText(value)
    case 'd':
      return formatAsNumber(value, NumberCtor)
    case 'i':
      return formatAsNumber(value, (given) => NumberParseInt(StringCtor(given)))
    case 'f':
      return formatAsNumber(typeof value === 'bigint' ? StringCtor(value) : value, (given) =>
        NumberParseFloat(StringCtor(given)),
      )
    case 'j':
      return formatAsJson(value)
    case 'o':
      return inspect(value, MAX_LOG_LENGTH, { depth: 4, hidden: true })
    case 'O':
      return inspect(value, MAX_LOG_LENGTH)
    case 'c':
      return ''
    default:
      return undefined
  }
}

/** Runs what may call the guest's own conversions.
 * @param {string} letter @param {unknown} value */
const formatGuarded = (letter, value) => {
  try {
    const text = formatPlaceholder(letter, value)
    return text === undefined ? undefined : clip(text, MAX_LOG_LENGTH)
  } catch {
    // A `toString` that throws: Node's console throws too, a guest's must not.
    return '[cannot be formatted]'
  }
}

/** Fills the placeholders of a format string; answers the text and how many arguments it took.
 * @param {string} format @param {readonly unknown[]} args
 * @returns {{ text: string, used: number }} */
const fillFormat = (format, args) => {
  let text = ''
  let from = 0
  let used = 1
  for (let at = StringPrototypeIndexOf(format, '%'); at !== -1 && at < format.length - 1; ) {
    const letter = /** @type {string} */ (format[at + 1])
    if (letter === '%') {
      text += StringPrototypeSlice(format, from, at + 1)
      from = at + 2
    } else if (used < args.length) {
      const filled = formatGuarded(letter, args[used])
      if (filled !== undefined) {
        used++
        text += StringPrototypeSlice(format, from, at) + filled
        from = at + 2
      }
    }
    if (text.length > MAX_LOG_LENGTH) break
    at = StringPrototypeIndexOf(format, '%', at + 2)
  }
  return { text: text + StringPrototypeSlice(format, from), used }
}

/** The text of a log line, as util.format makes it, in at most 64 Ki characters. Never throws.
 * @param {readonly unknown[]} args a list whose elements are its own
 * @returns {string} */
const formatLog = (args) => {
  if (args.length === 0) return ''
  const first = args[0]
  let text = ''
  let used = 0
  if (typeof first === 'string') {
    const format = clip(first, MAX_LOG_LENGTH)
    const filled = args.length === 1 ? { text: format, used: 1 } : fillFormat(format, args)
    text = filled.text
    used = filled.used
  }
  for (let index = used; index < args.length && text.length <= MAX_LOG_LENGTH; index++) {
    const value = args[index]
    if (index > 0) text += ' '
    text += typeof value === 'string' ? clip(value, MAX_LOG_LENGTH) : inspect(value, MAX_LOG_LENGTH)
  }
  return clip(text, MAX_LOG_LENGTH)
}
