// The texts of primitives and keys in what the console shows, as Node writes them.

const MAX_STRING_SHOWN = 10000
const BREAK_LENGTH = 80
const IDENTIFIER_KEY = /^[a-zA-Z_][a-zA-Z_0-9]*$/

/** How control characters and the backslash are written inside quotes.
 * @param {number} code */
const escapeCode = (code) => {
  if (code === 8) return '\\b'
  if (code === 9) return '\\t'
  if (code === 10) return '\\n'
  if (code === 12) return '\\f'
  if (code === 13) return '\\r'
  if (code === 39) return "\\'"
  if (code === 92) return '\\\\'
  const digits = NumberPrototypeToString(code, 16)
  if (code > 255) return `\\u${digits}`
  return `\\x${code < 16 ? '0' : ''}${code < 256 ? upperCaseHex(digits) : digits}`
}

/** @param {string} digits */
const upperCaseHex = (digits) => {
  let text = ''
  for (let index = 0; index < digits.length; index++) {
    const code = StringPrototypeCharCodeAt(digits, index)
    text += code >= 97 ? StringFromCharCode(code - 32) : digits[index]
  }
  return text
}

/** Says whether the character at an index is half of a pair that is not there.
 * @param {string} text @param {number} index @param {number} code */
const isLoneSurrogate = (text, index, code) => {
  if (code < 0xd800 || code > 0xdfff) return false
  if (code <= 0xdbff) {
    const next = index + 1 < text.length ? StringPrototypeCharCodeAt(text, index + 1) : 0
    return next < 0xdc00 || next > 0xdfff
  }
  const before = index > 0 ? StringPrototypeCharCodeAt(text, index - 1) : 0
  return before < 0xd800 || before > 0xdbff
}

/** Writes a string in quotes: single ones unless it holds them and others are free.
 * @param {string} text */
const quoteText = (text) => {
  let quote = "'"
  if (StringPrototypeIncludes(text, "'")) {
    if (!StringPrototypeIncludes(text, '"')) quote = '"'
    else if (!StringPrototypeIncludes(text, '`') && !StringPrototypeIncludes(text, '${')) quote = '`'
  }
  let out = quote
  let from = 0
  for (let index = 0; index < text.length; index++) {
    const code = StringPrototypeCharCodeAt(text, index)
    const plain = code >= 32 && code < 127 && code !== 92 && code !== 39
    if (plain || (code >= 160 && !isLoneSurrogate(text, index, code)) || (code === 39 && quote !== "'")) continue
    out += StringPrototypeSlice(text, from, index) + escapeCode(code)
    from = index + 1
  }
  return out + StringPrototypeSlice(text, from) + quote
}

/** A string inside a structure: one too long for its line is broken after its own line breaks.
 * @param {string} value @param {number} indentation @param {number} breakLength */
const showString = (value, indentation, breakLength) => {
  let trailer = ''
  let text = value
  if (value.length > MAX_STRING_SHOWN) {
    const more = value.length - MAX_STRING_SHOWN
    trailer = `... ${more} more character${more > 1 ? 's' : ''}`
    text = value.length > MAX_READABLE_LENGTH ? '' : StringPrototypeSlice(value, 0, MAX_STRING_SHOWN)
  }
  if (text.length <= 16 || text.length <= breakLength - indentation - 4) return quoteText(text) + trailer
  let out = ''
  for (let from = 0; from < text.length; ) {
    const end = StringPrototypeIndexOf(text, '\n', from)
    const next = end === -1 ? text.length : end + 1
    if (out !== '') out += ` +\n${StringPrototypeRepeat(' ', indentation + 2)}`
    out += quoteText(StringPrototypeSlice(text, from, next))
    from = next
  }
  return out + trailer
}

/** @param {number} value */
const showNumber = (value) => (ObjectIs(value, -0) ? '-0' : `${value}`)

/** A bigint in decimal, unless it is so large that nothing could stop the engine from spelling it.
 *
 * ATTACK: `console.log(1n << (1n << 25n))`: decimal digits take quadratic time and no deadline interrupts them.
 * @param {bigint} value */
const showBigInt = (value) => {
  const rest = value >> 8192n
  return rest === 0n || rest === -1n ? `${BigIntPrototypeToString(value, 10)}n` : '[bigint of more than 8192 bits]'
}

/** @param {unknown} value @param {number} indentation @param {number} breakLength @returns {string} */
const showPrimitive = (value, indentation, breakLength) => {
  switch (typeof value) {
    case 'string':
      return showString(value, indentation, breakLength)
    case 'number':
      return showNumber(value)
    case 'bigint':
      return showBigInt(value)
    case 'symbol':
      return clip(SymbolPrototypeToString(value), MAX_STRING_SHOWN)
    default:
      // Booleans, null and undefined.
      return `${value}`
  }
}

/** The name of a property as it stands before the colon.
 * @param {PropertyKey} key @param {boolean} enumerable */
const showKey = (key, enumerable) => {
  let name = ''
  if (typeof key === 'symbol') name = clip(SymbolPrototypeToString(key), 1000)
  else {
    const text = clip(`${key}`, 1000)
    if (text === '__proto__') name = "['__proto__']"
    else name = RegExpPrototypeExec(IDENTIFIER_KEY, text) === null ? quoteText(text) : text
  }
  return enumerable ? name : `[${name}]`
}
