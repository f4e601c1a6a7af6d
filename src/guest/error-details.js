// What else is told of a thrown error: its code, its data, its causes and the errors it is made of, each of bounded size.

/** One thrown value may lead to so many errors, and so far: causes may go round in a circle or on for ever. */
const MAX_ERRORS_TOLD = 24
const MAX_CAUSE_DEPTH = 8
const MAX_ERROR_DATA = 8192
const MAX_DATA_KEYS = 64
const TOLD_ELSEWHERE = ['name', 'message', 'stack', 'code', 'cause', 'errors', 'error', 'suppressed']

/** @typedef {ThrownText & { code?: string | number, data?: string, cause?: ErrorDetails, errors?: ErrorDetails[] }} ErrorDetails */

/** Everything that is told of what a guest throws. No part of it has a prototype, so that none can have a `toJSON`. Never throws.
 * @param {unknown} value
 * @returns {ErrorDetails} */
const describeFully = (value) => describeWithin(value, 0, createList())

/** @param {unknown} value @param {number} depth @param {unknown[]} seen
 * @returns {ErrorDetails} */
const describeWithin = (value, depth, seen) => {
  /** @type {any} */
  const told = { __proto__: null, ...describeThrown(value) }
  if (typeof value !== 'object' || value === null || depth >= MAX_CAUSE_DEPTH) return told
  try {
    if (looksLikeError(value)) addDetails(told, value, depth, seen)
  } catch {
    // A revoked proxy, an exhausted stack: what was found before stands.
  }
  return told
}

/** @param {any} told @param {object} error @param {number} depth @param {unknown[]} seen */
const addDetails = (told, error, depth, seen) => {
  seen[seen.length] = error
  const code = readGuarded(error, 'code')
  if (typeof code === 'string') told.code = clip(code, MAX_ERROR_NAME)
  else if (typeof code === 'number' && code - code === 0) told.code = code
  const data = encodeOwnData(error)
  if (data !== undefined) told.data = data
  const cause = readGuarded(error, 'cause')
  if (cause !== undefined && mayBeTold(cause, seen)) told.cause = describeWithin(cause, depth + 1, seen)
  const errors = partsOf(error)
  if (errors !== undefined) told.errors = describeParts(errors, depth, seen)
}

/** The errors that one is made of: those of an AggregateError, and the two of a SuppressedError, the later one first.
 * @param {object} error
 * @returns {object | undefined} */
const partsOf = (error) => {
  const errors = readGuarded(error, 'errors')
  if (ArrayIsArray(errors)) return errors
  if (!ObjectHasOwn(error, 'suppressed') || !ObjectHasOwn(error, 'error')) return undefined
  return [readGuarded(error, 'error'), readGuarded(error, 'suppressed')]
}

/** @param {object} errors an array @param {number} depth @param {unknown[]} seen */
const describeParts = (errors, depth, seen) => {
  const told = createList()
  const length = readGuarded(errors, 'length')
  const count = typeof length === 'number' ? length : 0
  for (let i = 0; i < count && mayBeTold(undefined, seen); i++) {
    const one = readGuarded(errors, i)
    if (!mayBeTold(one, seen)) continue
    told[told.length] = describeWithin(one, depth + 1, seen)
    // What is no error counts too, or a list of a million numbers would be told.
    if (typeof one !== 'object') seen[seen.length] = undefined
  }
  return told
}

/** Whether there is room for one more, and it is not one of those already.
 * @param {unknown} value @param {unknown[]} seen */
const mayBeTold = (value, seen) => {
  if (seen.length >= MAX_ERRORS_TOLD) return false
  if (typeof value !== 'object' || value === null) return true
  for (let i = 0; i < seen.length; i++) if (seen[i] === value) return false
  return true
}

/** Its own enumerable properties, encoded; those that cannot cross are left out, and all of them when they are too large.
 * @param {object} error
 * @returns {string | undefined} */
const encodeOwnData = (error) => {
  const keys = ReflectOwnKeys(error)
  if (keys.length > MAX_DATA_KEYS) return undefined
  /** @type {any} */
  const data = { __proto__: null }
  let found = false
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]
    if (typeof key !== 'string' || isToldElsewhere(key)) continue
    if (!ObjectPrototypePropertyIsEnumerable(error, key)) continue
    const value = readGuarded(error, key)
    if (!isEncodable(value)) continue
    defineOwn(data, key, value, true)
    found = true
  }
  try {
    return found ? encodeData(data, MAX_ERROR_DATA) : undefined
  } catch {
    return undefined
  }
}

/** @param {string} key */
const isToldElsewhere = (key) => {
  for (let i = 0; i < TOLD_ELSEWHERE.length; i++) if (TOLD_ELSEWHERE[i] === key) return true
  return false
}

/** @param {unknown} value */
const isEncodable = (value) => {
  try {
    encodeData(value, MAX_ERROR_DATA)
    return true
  } catch {
    return false
  }
}
