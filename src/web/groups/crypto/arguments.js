// What callers hand over, taken as WebIDL has it.

/** An error by the name that the standard gives it. */
export const failure = (name, message) => new DOMException(message, name)

export const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function'

export const needArguments = (name, given, count) => {
  if (given >= count) return
  throw new TypeError(`Failed to execute '${name}': ${count} arguments required, but only ${given} present`)
}

const lengthOfBuffer = Function.prototype.call.bind(
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(new Uint8Array(0).buffer), 'byteLength').get,
)

export const isBufferSource = (value) => {
  if (ArrayBuffer.isView(value)) return true
  try {
    lengthOfBuffer(value)
    return true
  } catch {
    // The getter refused its receiver: that is the answer asked for.
    return false
  }
}

/** A copy of the bytes that a buffer or a view shows, none where they were transferred. */
export const copyBytes = (source, what) => {
  if (!isBufferSource(source)) throw new TypeError(`${what} is not a buffer or a view of one`)
  if (source.byteLength === 0) return new Uint8Array(0)
  const view = ArrayBuffer.isView(source)
  const bytes = view
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source, 0, source.byteLength)
  return new Uint8Array(bytes)
}

/** A member of an algorithm that must be bytes. */
export const bytesMember = (params, name) => {
  if (params[name] === undefined) throw new TypeError(`The algorithm has no "${name}"`)
  return copyBytes(params[name], `"${name}"`)
}

/** A whole number up to `max`, as `[EnforceRange]` has it. */
export const wholeNumber = (value, max, what) => {
  const number = Math.trunc(Number(value))
  if (!(number >= 0 && number <= max)) throw new TypeError(`${what} must be a whole number up to ${max}`)
  return number
}

/** A member of an algorithm that must be a whole number. */
export const numberMember = (params, name, max) => {
  if (params[name] === undefined) throw new TypeError(`The algorithm has no "${name}"`)
  return wholeNumber(params[name], max, `"${name}"`)
}

/** Runs what a library refuses by errors of its own. */
export const attempt = (name, message, run) => {
  try {
    return run()
  } catch {
    throw failure(name, message)
  }
}
