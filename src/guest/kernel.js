/**
 * The message pump. The host stages one message and pumps; the guest runs; what it leaves is one string. Nothing but
 * strings crosses, and the host never calls anything of the guest's: only these functions, which run no guest code
 * except inside `pump`, under a deadline.
 *
 * A message is a letter and its text: C call, R reply to a host call, T time, U uncaught rejection.
 * An answer is a letter for the state (s settled, p pending), milliseconds to the next timer, `;`, and records
 * `<kind><id>,<length>:<text>`: L log, H host call, D the result, E an error as JSON, X a limit by name.
 */

/** @type {{ outputBytes: number, logBytes: number, hostCalls: number, functions: [string, boolean][], clock: ClockConfig,
 *   stackless?: boolean, memoryBytes?: number, web?: readonly string[] | 'all', seeds?: string, node?: boolean,
 *   codeFromStrings?: 'refuse', evaluates?: boolean }} */
let limits = { outputBytes: 0, logBytes: 0, hostCalls: 0, functions: [], clock }
/** @type {'idle' | 'running' | 'settled'} */
let callState = 'idle'
let staged = ''
let outbox = ''
let loggedBytes = 0
let hostCallCount = 0
/** @type {unknown} */
let uncaughtReason
/** What is known of an uncaught error of which the engine has but a copy, as JSON; empty when the error itself is there. */
let uncaughtCopy = ''
/** The batch of a call that `enter` saw settled, for as long as the engine may still throw in place of handing it over. */
let unheard = ''

/** @param {string} kind @param {number} id @param {string} text */
const emit = (kind, id, text) => {
  outbox += `${kind}${id},${text.length}:${text}`
}

/** An error that no code of the guest could catch. */
const UNCAUGHT = 1
/** What stands for the copy of an uncaught reason that needs none. */
const PRIMITIVE = 'primitive'

/** @param {string} kind @param {string} text @param {number} [id] */
const endCall = (kind, text, id = 0) => {
  if (callState !== 'running') return
  callState = 'settled'
  emit(kind, id, text)
  clearTimers()
  pendingCalls = new MapCtor()
}

/** @param {unknown} error @param {number} [id] */
const failCall = (error, id = 0) => {
  // ATTACK: `Object.prototype.toJSON = () => 666; throw 1`. The record would be no object, which our host takes for a carrier
  // in its guest's hands: it would end it, and every neighbour with it.
  endCall('E', JSONStringify(describeFully(error)), id)
}

/** @param {unknown} value */
const returnFromCall = (value) => {
  if (callState !== 'running') return
  try {
    endCall('D', encodeData(value, limits.outputBytes))
  } catch (error) {
    if (isTooLarge(error)) endCall('X', 'outputBytes')
    else failCall(isDataCloneError(error) && isStream(value) ? notStreamed() : error)
  }
}

/** @type {((batch: string) => void) | undefined} Hands the host what was written while the guest still has the thread. */
let carryAlarm

/** Ends the call at a limit, and unwinds the guest; one that catches the error is ended from outside.
 * @param {string} limit
 * @returns {never} */
const reachLimit = (limit) => {
  endCall('X', limit)
  try {
    if (carryAlarm !== undefined) carryAlarm(flush())
  } catch {
    // Whatever the host's function threw is an object of the host's: it stays on the other side.
  }
  throw new RangeErrorCtor(`The limit "${limit}" is reached`)
}

/** Counts a call of a host function. Throws when it is one too many, or when no call is under way. */
const countHostCall = () => {
  if (callState !== 'running') throw new ErrorCtor('Cannot call a host function: no call is under way')
  hostCallCount += 1
  if (hostCallCount > limits.hostCalls) reachLimit('hostCalls')
}

/** @param {string} level @param {string} text */
const writeLog = (level, text) => {
  if (callState !== 'running') return
  // A line without text is not free either.
  loggedBytes += text.length + 1
  if (loggedBytes > limits.logBytes) reachLimit('logBytes')
  emit('L', levelNumber(level), `${guestNow()};${text}`)
}

/** @param {string} level */
const levelNumber = (level) => {
  if (level === 'debug') return 0
  if (level === 'info') return 2
  if (level === 'warn') return 3
  return level === 'error' ? 4 : 1
}

/** Runs guest code that nobody waits for; what it throws ends the call, as it would end a process.
 * @param {() => void} run */
const runDetached = (run) => {
  try {
    run()
  } catch (error) {
    failCall(error, UNCAUGHT)
  }
}

/** One timer a turn, so that the promises of each are settled before the next. */
const runDueTimer = () => {
  const timer = takeDueTimer(guestNow())
  if (timer !== undefined) runDetached(timer.run)
}

/** Takes what an engine says of an uncaught error: a primitive itself, and of all else a copy as JSON. Runs no code of the guest.
 * @param {string} copy @param {unknown} primitive */
const noteUncaught = (copy, primitive) => {
  const { message, frames } = copy === PRIMITIVE ? { message: '', frames: '' } : JSONParse(copy)
  uncaughtReason = copy === PRIMITIVE ? primitive : findFormatted(message, frames)
  uncaughtCopy = copy === PRIMITIVE || uncaughtReason !== undefined ? '' : copy
}

/** Ends the call with an error that was uncaught, all of whose properties are read under the deadline of this turn. */
const failUncaught = () => {
  if (uncaughtCopy === '') failCall(uncaughtReason, UNCAUGHT)
  else endCall('E', uncaughtCopy, UNCAUGHT)
  uncaughtReason = undefined
  uncaughtCopy = ''
}

/** @param {string} text */
const takeReply = (text) => {
  const comma = StringPrototypeIndexOf(text, ',')
  const id = +StringPrototypeSlice(text, 0, comma)
  const ok = StringPrototypeSlice(text, comma + 1, comma + 2) === '1'
  settleHostCall(id, ok, StringPrototypeSlice(text, comma + 3))
}

/** @param {string} message */
const handle = (message) => {
  const kind = StringPrototypeSlice(message, 0, 1)
  if (kind === 'W') endWait()
  advanceClock()
  const text = StringPrototypeSlice(message, 1)
  if (kind === 'C') {
    const split = StringPrototypeIndexOf(text, '\n')
    startCall(StringPrototypeSlice(text, 0, split), StringPrototypeSlice(text, split + 1))
  } else if (callState !== 'running') {
    return
  } else if (kind === 'R') runDetached(() => takeReply(text))
  else if (kind === 'T' || kind === 'W') runDueTimer()
  else if (kind === 'U') failUncaught()
}

/** What the host reads: state, wake-up, records. */
const flush = () => {
  const records = outbox
  outbox = ''
  if (callState === 'settled') {
    callState = 'idle'
    return `s-1;${records}`
  }
  return `p${nextWakeMs()};${records}`
}

hardenBuiltins()
installClock()
installStackFormat()
installFunctions(timerFunctions)
installFunctions(globalFunctions)
defineOwn(globalThis, 'self', globalThis, false)
defineOwn(globalThis, 'console', createConsole(writeLog, guestNow), false)

/** All that the host holds of a realm. */
const kernel = ObjectFreeze({
  __proto__: null,
  promisePrototype: PromiseCtor.prototype,
  hold: (/** @type {(name: string, args: string) => string} */ carry) => {
    carrySyncCall = carry
  },
  warn: (/** @type {(batch: string) => void} */ carry) => {
    carryAlarm = carry
  },
  load: (/** @type {any} */ table, /** @type {string} */ config) => {
    programTable = table
    moduleRecords = new MapCtor()
    limits = JSONParse(config)
    if (limits.stackless === true) withholdStacks()
    setClock(limits.clock)
    if (limits.memoryBytes !== undefined) {
      boundReading(limits.memoryBytes)
      boundCode(limits.memoryBytes)
    }
    if (limits.codeFromStrings === 'refuse') refuseCode()
    installHostModules(limits.functions)
    installWeb(limits.web, limits.seeds)
  },
  equip: (/** @type {any} */ platform, /** @type {'web' | 'node'} */ part) => {
    if (part === 'node') nodePlatform = platform
    else webPlatform = platform
  },
  stage: (/** @type {string} */ text) => {
    staged = text
  },
  pump: () => {
    const message = staged
    staged = ''
    if (message !== '') handle(message)
    return callState === 'settled' ? flush() : ''
  },
  enter: (/** @type {string} */ message) => {
    unheard = ''
    handle(message)
    if (callState === 'settled') unheard = flush()
    return unheard
  },
  take: (/** @type {string} */ uncaught, /** @type {unknown} */ primitive) => {
    if (typeof uncaught !== 'string' || uncaught === '') return flush()
    // ATTACK: `Promise.reject(1); 1`. The rejection comes in place of an answer that had settled the call already.
    if (unheard !== '') return unheard
    noteUncaught(uncaught, primitive)
    return ''
  },
  uncaught: (/** @type {unknown} */ reason) => {
    uncaughtReason = reason
  },
})
