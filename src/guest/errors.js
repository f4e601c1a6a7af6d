// Turns what a guest throws into text, inside the guest and inside its deadline.
//
// ATTACK: `throw { get message() { for (;;); } }`, `throw revokedProxy`, `throw { name: 'x'.repeat(2 ** 28) }`. Read from
// outside, the getter would run with no deadline and hang the host; the rope would become 256 MB of the host's memory.

const MAX_ERROR_NAME = 256
const MAX_ERROR_MESSAGE = 8192
const MAX_ERROR_STACK = 16384
/** Reading a character of a rope copies all of it: longer strings are named by their length instead of read. */
const MAX_READABLE_LENGTH = 1 << 20
const MAX_STACK_FRAMES = 50
const GUEST_FILE = 'guest:program'

/** The start of a text, with a mark where it was cut.
 * @param {string} text @param {number} maxLength */
const clip = (text, maxLength) => {
  if (text.length <= maxLength) return text
  if (text.length > MAX_READABLE_LENGTH) return `[text of ${text.length} characters]`
  return `${StringPrototypeSlice(text, 0, maxLength - 1)}…`
}

/** A property of a value that may be hostile: undefined when reading it throws.
 * @param {object} value @param {PropertyKey} key
 * @returns {unknown} */
const readGuarded = (value, key) => {
  try {
    return ReflectGet(value, key)
  } catch {
    // A throwing getter, a revoked proxy: for the text of an error, as good as absent.
    return undefined
  }
}

/** @param {unknown} value @param {number} maxLength */
const clippedString = (value, maxLength) => (typeof value === 'string' ? clip(value, maxLength) : undefined)

/** Says whether what was thrown is to be shown as an error: a true one, or what has the look of one.
 * @param {object} value */
const looksLikeError = (value) => {
  const isTrue = ErrorIsError(value)
  return isTrue || (typeof readGuarded(value, 'name') === 'string' && typeof readGuarded(value, 'message') === 'string')
}

/** @typedef {{ name: string, message: string, stack?: string }} ThrownText */

/** @param {object} error @returns {ThrownText} */
const describeError = (error) => {
  const name = clippedString(readGuarded(error, 'name'), MAX_ERROR_NAME) ?? 'Error'
  const said = readGuarded(error, 'message')
  const message = clippedString(said, MAX_ERROR_MESSAGE) ?? (said === undefined ? '' : inspectBriefly(said))
  const stack = clippedString(readGuarded(error, 'stack'), MAX_ERROR_STACK)
  return stack === undefined ? { name, message } : { name, message, stack }
}

/** @param {unknown} value */
const inspectBriefly = (value) => clip(inspect(value, 2048), MAX_ERROR_MESSAGE)

/** Name, message and stack of anything a guest throws, each of bounded length. Never throws.
 * @param {unknown} value
 * @returns {ThrownText} */
const describeThrown = (value) => {
  try {
    if (((typeof value === 'object' && value !== null) || typeof value === 'function') && looksLikeError(value)) {
      return describeError(value)
    }
    return { name: 'Thrown', message: inspectBriefly(value) }
  } catch {
    // The stack is exhausted, most likely: there is no room left to look closer.
    return { name: 'Error', message: 'The thrown value cannot be described' }
  }
}

/** A data property of an object or its prototypes, read without running any code.
 * @param {object} value @param {PropertyKey} key
 * @returns {unknown} */
const readQuietly = (value, key) => {
  for (let at = /** @type {object | null} */ (value); at !== null && !isProxy(at); at = ObjectGetPrototypeOf(at)) {
    const descriptor = ObjectGetOwnPropertyDescriptor(at, key)
    if (descriptor !== undefined) return ObjectHasOwn(descriptor, 'value') ? descriptor.value : undefined
  }
  return undefined
}

/** The first line of a stack.
 *
 * ATTACK: `Error.captureStackTrace(o); o = { get name() { seen = new Error().stack } }`. While V8 formats one stack it formats
 * every other by itself, past our formatter: a getter run here would be shown the frames and paths of the host.
 * @param {unknown} error */
const errorHeader = (error) => {
  if (typeof error !== 'object' || error === null) return 'Error'
  const name = clippedString(readQuietly(error, 'name'), MAX_ERROR_NAME) ?? 'Error'
  const message = clippedString(readQuietly(error, 'message'), MAX_ERROR_MESSAGE) ?? ''
  if (name === '') return message
  return message === '' ? name : `${name}: ${message}`
}

/** The call sites V8 hands to a formatter, as of now.
 * @returns {readonly object[]} */
const captureCallSites = () => {
  /** @type {readonly object[]} */
  let captured = []
  Reflect.set(Error, 'prepareStackTrace', (/** @type {unknown} */ _error, /** @type {readonly object[]} */ sites) => {
    captured = sites
    return ''
  })
  void new Error('call sites').stack
  return captured
}

/** Tells frames of code from strings. Where V8 names who evaluated it, that would be the kernel.
 * @param {any} prototype what call sites inherit from
 * @returns {(site: object) => string | undefined} */
const evalFrames = (prototype) => {
  const isEval = uncurryThis(prototype.isEval)
  const getFunctionName = uncurryThis(prototype.getFunctionName)
  const getLineNumber = uncurryThis(prototype.getLineNumber)
  const getColumnNumber = uncurryThis(prototype.getColumnNumber)
  return (site) =>
    isEval(site)
      ? `${getFunctionName(site) ?? '<anonymous>'} (<anonymous>:${getLineNumber(site)}:${getColumnNumber(site)})`
      : undefined
}

/** Makes stacks show the guest's own frames and nothing else. Called once, before any guest code.
 *
 * ATTACK: `Error.prepareStackTrace = (e, sites) => sites[3].getFunction()`, and `Error = { prepareStackTrace }`, since Node
 * looks the formatter up as a property of the realm's global `Error`. Sites show the host's and the kernel's frames:
 * paths, functions, receivers. So the formatter is ours and neither it nor the global can be replaced. */
const installStackFormat = () => {
  Reflect.set(Error, 'stackTraceLimit', MAX_STACK_FRAMES)
  const prototype = Object.getPrototypeOf(captureCallSites()[0])
  const getFileName = uncurryThis(prototype.getFileName)
  const siteToString = uncurryThis(prototype.toString)
  const frameOf = evalFrames(prototype)
  const format = (/** @type {unknown} */ error, /** @type {readonly object[]} */ sites) => {
    let frames = ''
    for (let index = 0, shown = 0; index < sites.length && shown < MAX_STACK_FRAMES; index++) {
      const site = sites[index]
      const frame = getFileName(site) === GUEST_FILE ? siteToString(site) : frameOf(site)
      if (frame === undefined) continue
      frames += `\n    at ${frame}`
      shown++
    }
    rememberFormatted(error, frames)
    return errorHeader(error) + frames
  }
  Object.defineProperty(Error, 'prepareStackTrace', {
    get: () => format,
    // Programs that set it go on without an error: theirs is ignored.
    set: () => {},
    enumerable: false,
    configurable: false,
  })
  Object.defineProperty(globalThis, 'Error', { value: Error, writable: false, enumerable: false, configurable: false })
}

/** Makes errors of this realm carry no stack from now on. Called before any guest code.
 *
 * ATTACK: `const dive = () => { try { dive() } catch {} try { new Error().stack } catch (e) { e.constructor.constructor('…') } }`.
 * In a realm of Node, formatting a stack passes through a function of the host; where the stack is all but used up, that
 * function overflows, and the guest catches the host's own RangeError. V8 captures nothing, and so formats nothing, while
 * `Error.stackTraceLimit` is not a number of its own. */
const withholdStacks = () => {
  Object.defineProperty(ErrorCtor, 'stackTraceLimit', {
    get: () => 0,
    // Programs that set it go on without an error: theirs is ignored.
    set: () => {},
    enumerable: false,
    configurable: false,
  })
}
