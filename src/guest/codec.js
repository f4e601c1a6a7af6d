// The codec: structured-clone meaning as text, the same on both sides of the wall.
//
// The first character tells the form: S, the string that follows, as it is; J, JSON; T, the table of codec-encode.js
// (T alone is undefined). Numbers, booleans, null and undefined fit whatever the limit.

const MAX_TREE_DEPTH = 200
const UNDEFINED_TEXT = 'T'

/** @typedef {{ left: number, count: number, seen: Set<object>, isTree: boolean }} Survey */

/** A copy of a value that JSON carries without loss, or anything at all once `survey.isTree` is false.
 *
 * A copy, because reading twice is reading two things: ATTACK: `{ get a() { return calls++ ? 'x'.repeat(2 ** 28) : 1 } }`,
 * `Object.defineProperty(row, 'toJSON', { value: steal })`. `JSON.stringify` sees plain properties of ours only.
 * @param {unknown} value @param {Survey} survey @param {number} depth
 * @returns {unknown} */
const copyTree = (value, survey, depth) => {
  switch (typeof value) {
    case 'string':
      if ((survey.left -= value.length) < 0) survey.isTree = false
      return value
    case 'number':
      survey.left--
      if (value - value !== 0 || (value === 0 && 1 / value < 0)) survey.isTree = false
      return value
    case 'boolean':
      survey.left -= 4
      return value
    case 'object':
      return value === null ? null : copyBranch(value, survey, depth)
    default:
      survey.isTree = false
      return value
  }
}

/** @param {object} value @param {Survey} survey @param {number} depth */
const copyBranch = (value, survey, depth) => {
  const isArray = ArrayIsArray(value)
  const prototype = ObjectGetPrototypeOf(value)
  if (isArray) survey.left -= value.length
  const isPlain = isArray ? prototype === ArrayPrototype : prototype === ObjectPrototype || prototype === null
  // A shared reference or a cycle: the set does not grow.
  SetPrototypeAdd(survey.seen, value)
  survey.count++
  if (!isPlain || survey.left < 0 || depth > MAX_TREE_DEPTH || SetPrototypeGetSize(survey.seen) !== survey.count) {
    survey.isTree = false
    return value
  }
  return isArray ? copyArray(value, survey, depth) : copyPlain(value, survey, depth)
}

/** @param {unknown[]} value @param {Survey} survey @param {number} depth */
const copyArray = (value, survey, depth) => {
  const length = value.length
  const keys = ObjectKeys(value)
  if (keys.length !== length || (length > 0 && keys[length - 1] !== `${length - 1}`)) {
    survey.isTree = false
    return value
  }
  const copy = ArrayPrototypeToSpliced(value, 0, 0)
  for (let index = 0; index < length && survey.isTree; index++) {
    const child = copy[index]
    const copied = copyTree(child, survey, depth + 1)
    if (copied !== child) copy[index] = copied
  }
  return copy
}

/** @param {object} value @param {Survey} survey @param {number} depth */
const copyPlain = (value, survey, depth) => {
  /** @type {Record<string, unknown>} */
  const copy = { ...value }
  // for-in is the fastest walk there is; `encodeObject` made sure that it shows own keys only.
  for (const key in copy) {
    if ((survey.left -= key.length + 3) < 0) survey.isTree = false
    if (!survey.isTree) break
    const child = copy[key]
    const copied = copyTree(child, survey, depth + 1)
    if (copied !== child) copy[key] = copied
  }
  return copy
}

/** Says whether for-in over an object of ours would show what a guest put on `Object.prototype`. */
const isEnumerationPolluted = () => {
  for (const _ in {}) return true
  return false
}

/** Says whether `JSON.stringify` would find a `toJSON` on objects or arrays of ours. */
const isToJsonPolluted = () =>
  ObjectHasOwn(ObjectPrototype, 'toJSON') ||
  ObjectHasOwn(ArrayPrototype, 'toJSON') ||
  ObjectGetPrototypeOf(ArrayPrototype) !== ObjectPrototype

/** @param {object} value @param {number} maxLength @param {boolean} discreet */
const encodeObject = (value, maxLength, discreet) => {
  const survey = { left: maxLength, count: 0, seen: new SetCtor(), isTree: !isEnumerationPolluted() }
  // When it turns out to be no tree, its getters are called once more by the table.
  const copy = survey.isTree ? copyTree(value, survey, 0) : value
  if (!survey.isTree || isToJsonPolluted()) return encodeTable(value, maxLength, discreet)
  const text = JSONStringify(copy)
  if (text.length >= maxLength) throw new OutputTooLarge(maxLength)
  return `J${text}`
}

/** Encodes a value; throws a `DataCloneError` for what is not data and an `OutputTooLarge` past `maxLength` characters.
 * `discreet` is for the host: see `encodeTable`.
 * @param {unknown} value @param {number} maxLength @param {boolean} [discreet]
 * @returns {string} */
const encodeData = (value, maxLength, discreet = false) => {
  switch (typeof value) {
    case 'string':
      if (value.length >= maxLength) throw new OutputTooLarge(maxLength)
      return StringPrototypeIsWellFormed(value) ? `S${value}` : encodeTable(value, maxLength, discreet)
    case 'number':
      return value - value === 0 && !ObjectIs(value, -0) ? `J${value}` : encodeTable(value, 64, discreet)
    case 'boolean':
      return value ? 'Jtrue' : 'Jfalse'
    case 'undefined':
      return UNDEFINED_TEXT
    case 'object':
      return value === null ? 'Jnull' : encodeObject(value, maxLength, discreet)
    default:
      return encodeTable(value, maxLength, discreet)
  }
}

/** Decodes a text; throws an error that quotes nothing of it when it is not one of ours.
 * @param {string} text
 * @returns {unknown} */
const decodeData = (text) => {
  switch (text[0]) {
    case 'S':
      return StringPrototypeSlice(text, 1)
    case 'J':
      return parseJson(StringPrototypeSlice(text, 1))
    case 'T':
      return text === UNDEFINED_TEXT ? undefined : decodeTable(StringPrototypeSlice(text, 1))
    default:
      return failDecoding('unknown form')
  }
}
