// Base64 for the codec's bytes: the engine's own where it has it (Node 26), ours where not (Node 24).

const BASE64_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

const BASE64_VALUES = (() => {
  const values = new Uint8ArrayCtor(128)
  for (let code = 0; code < 128; code++) values[code] = 255
  for (let index = 0; index < 64; index++) values[StringPrototypeCharCodeAt(BASE64_LETTERS, index)] = index
  return values
})()

/** Our own encoder, for engines without one.
 * @param {Uint8Array} bytes */
const encodeBase64Slowly = (bytes) => {
  const length = /** @type {number} */ (TypedArrayPrototypeGetLength(bytes))
  let text = ''
  for (let at = 0; at < length; at += 3) {
    const rest = length - at
    const bits =
      ((bytes[at] ?? 0) << 16) | ((rest > 1 ? (bytes[at + 1] ?? 0) : 0) << 8) | (rest > 2 ? (bytes[at + 2] ?? 0) : 0)
    text += BASE64_LETTERS[bits >> 18]
    text += BASE64_LETTERS[(bits >> 12) & 63]
    text += rest > 1 ? BASE64_LETTERS[(bits >> 6) & 63] : '='
    text += rest > 2 ? BASE64_LETTERS[bits & 63] : '='
  }
  return text
}

/** @param {string} text @param {number} at */
const base64ValueAt = (text, at) => {
  const code = StringPrototypeCharCodeAt(text, at)
  const value = code < 128 ? (BASE64_VALUES[code] ?? 255) : 255
  if (value === 255) throw new SyntaxErrorCtor('Cannot decode data: bad base64')
  return value
}

/** Our own decoder, for engines without one. Padded base64 only.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>} */
const decodeBase64Slowly = (text) => {
  if (text.length % 4 !== 0) throw new SyntaxErrorCtor('Cannot decode data: bad base64')
  const padded = text.length > 0 && text[text.length - 1] === '='
  const padding = padded ? (text[text.length - 2] === '=' ? 2 : 1) : 0
  const length = (text.length / 4) * 3 - padding
  const bytes = new Uint8ArrayCtor(length)
  for (let at = 0, from = 0; at < length; at += 3, from += 4) {
    const rest = length - at
    const bits =
      (base64ValueAt(text, from) << 18) |
      (base64ValueAt(text, from + 1) << 12) |
      (rest > 1 ? base64ValueAt(text, from + 2) << 6 : 0) |
      (rest > 2 ? base64ValueAt(text, from + 3) : 0)
    bytes[at] = bits >> 16
    if (rest > 1) bytes[at + 1] = (bits >> 8) & 255
    if (rest > 2) bytes[at + 2] = bits & 255
  }
  return bytes
}

/** Bytes as padded base64.
 * @param {Uint8Array} bytes
 * @returns {string} */
const encodeBase64 = (bytes) =>
  Uint8ArrayPrototypeToBase64 === undefined
    ? encodeBase64Slowly(bytes)
    : /** @type {string} */ (Uint8ArrayPrototypeToBase64(bytes))

/** The bytes of padded base64; throws for anything else.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>} */
const decodeBase64 = (text) => {
  if (typeof Uint8ArrayFromBase64 !== 'function') return decodeBase64Slowly(text)
  try {
    return ReflectApply(Uint8ArrayFromBase64, Uint8ArrayCtor, [text])
  } catch {
    // The engine's message may quote what a guest wrote; ours is the same for all.
    throw new SyntaxErrorCtor('Cannot decode data: bad base64')
  }
}
