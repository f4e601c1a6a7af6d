// The only clock of a realm. How fine it is, and whether it runs during a turn, is said with the program's ceilings.
//
// ATTACK: read a clock, touch memory, read it again: what was cached answers sooner, and by that a guest reads memory that
// is not its own (Spectre). Coarse steps alone do not help: count turns of a loop from one step to the next, and the loop is
// the finer clock (Schwarz and others, "Fantastic Timers", 2017). So the moment of each step is drawn anew with a secret key
// (Kohlbrenner and Shacham's fuzzy time, 2016, as Chrome and Firefox build it), the same for every realm of the machine's
// broker, so that reading in many realms at once is worth no more than reading in one. For hostile code the clock also
// stands still while it computes, as in Cloudflare's Workers. It all makes measuring slow, not impossible.

/** @typedef {{ stepMs: number, runs: boolean, key: readonly [number, number] }} ClockConfig */

const EngineDateNow = Date.now
const DatePrototypeToString = uncurryThis(Date.prototype.toString)
/** Absent before Node 26.
 * @type {any} */
const EngineTemporal = Reflect.get(globalThis, 'Temporal')
/** @type {() => object} */
const EngineInstant = EngineTemporal?.Now.instant
const InstantGetNanoseconds =
  EngineTemporal === undefined ? undefined : uncurryGetter(EngineTemporal.Instant.prototype, 'epochNanoseconds')
const NANOSECONDS_PER_MS = 1e6

/** The engine's clock itself until the program's ceilings are known, which is before its first line runs.
 * @type {ClockConfig} */
let clock = { stepMs: 1, runs: true, key: [0, 0] }
let clockSkew = 0
let lastTime = -Infinity
let lastPeriod = NaN
let lastEdge = 0
let turnTime = 0
let wakesAt = -Infinity
/** How far a wake-up may be from what was asked for on a machine whose clock was not set back. */
const EARLY_MS = 50

/** Milliseconds and parts of them, so that a step need not fall on a whole one, from which a loop could count.
 * @returns {number} */
const engineTime = () =>
  InstantGetNanoseconds === undefined || clock.stepMs === 1
    ? EngineDateNow()
    : NumberCtor(InstantGetNanoseconds(EngineInstant())) / NANOSECONDS_PER_MS

/** The engine's time, going on from where it was when the machine's clock is set back. */
const steadyTime = () => {
  const time = engineTime() + clockSkew
  if (time < lastTime) clockSkew += lastTime - time
  else lastTime = time
  return lastTime
}

/** @param {number} word @param {number} bits */
const rotate = (word, bits) => (word << bits) | (word >>> (32 - bits))

/** HalfSipHash-2-4 of one number, as a fraction of one: unforeseeable without the key.
 * @param {number} number a whole one
 * @param {readonly [number, number]} key */
const keyedFraction = (number, key) => {
  let v0 = key[0] | 0
  let v1 = key[1] | 0
  let v2 = 0x6c796765 ^ v0
  let v3 = 0x74656462 ^ v1
  const low = number | 0
  const high = MathFloor(number / 2 ** 32) | 0
  for (let block = 0; block < 4; block += 1) {
    const word = block === 0 ? low : block === 1 ? high : block === 2 ? 8 << 24 : 0
    if (block === 3) v2 ^= 0xff
    v3 ^= word
    for (let round = block === 3 ? 4 : 2; round > 0; round -= 1) {
      v0 = (v0 + v1) | 0
      v1 = rotate(v1, 5) ^ v0
      v0 = rotate(v0, 16)
      v2 = (v2 + v3) | 0
      v3 = rotate(v3, 8) ^ v2
      v0 = (v0 + v3) | 0
      v3 = rotate(v3, 7) ^ v0
      v2 = (v2 + v1) | 0
      v1 = rotate(v1, 13) ^ v2
      v2 = rotate(v2, 16)
    }
    v0 ^= word
  }
  return ((v1 ^ v3) >>> 0) / 2 ** 32
}

/** When the guest is shown the beginning of a period: at an unforeseeable moment of it.
 * @param {number} period */
const edgeOf = (period) => {
  if (clock.stepMs === 1) return period
  if (period !== lastPeriod) {
    lastPeriod = period
    lastEdge = (period + keyedFraction(period, clock.key)) * clock.stepMs
  }
  return lastEdge
}

const shownTime = () => {
  const time = steadyTime()
  const { stepMs } = clock
  if (stepMs === 1) return time
  const period = MathFloor(time / stepMs)
  return (time >= edgeOf(period) ? period : period - 1) * stepMs
}

/** The time as the guest may know it, in whole milliseconds. Never ahead, and within one call never going back. */
const guestNow = () => (clock.runs ? shownTime() : turnTime)

/** The guest gets the thread: what it may know of the time is up to date now. */
const advanceClock = () => {
  if (!clock.runs) turnTime = shownTime()
}

/** A call begins. Nothing of an earlier one can still compare the time with what it was then. */
const startClock = () => {
  clockSkew = 0
  lastTime = -Infinity
  advanceClock()
}

/** @param {ClockConfig} config */
const setClock = (config) => {
  clock = { stepMs: config.stepMs, runs: config.runs, key: config.key }
  lastPeriod = NaN
  startClock()
}

/** Milliseconds from now until the guest's clock shows `due` or later.
 * @param {number} due */
const waitUntil = (due) => {
  const { stepMs } = clock
  wakesAt = stepMs === 1 ? due : edgeOf(-MathFloor(-due / stepMs))
  const wait = wakesAt - steadyTime()
  return wait > 0 ? -MathFloor(-wait) : 0
}

/** The wait last asked for is over by a clock that nobody sets; where the engine's was set back meanwhile, this one goes on. */
const endWait = () => {
  const behind = wakesAt - steadyTime()
  if (behind > EARLY_MS) clockSkew += behind
}

/** Replaces `Date` by one that asks the guest's clock; dates themselves stay the engine's. */
const installDate = () => {
  const replacement = function Date(/** @type {unknown[]} */ ...args) {
    if (new.target === undefined) return DatePrototypeToString(new DateCtor(guestNow()))
    return ReflectConstruct(DateCtor, args.length === 0 ? [guestNow()] : args, new.target)
  }
  const own = Object.getOwnPropertyDescriptors(DateCtor)
  for (const key of Reflect.ownKeys(own)) {
    const descriptor = Reflect.get(own, key)
    const isPrototype = key === 'prototype'
    Object.defineProperty(replacement, key, isPrototype ? { value: descriptor.value, writable: false } : descriptor)
  }
  const { now } = { now: () => guestNow() }
  defineOwn(replacement, 'now', now, false)
  defineOwn(DateCtor.prototype, 'constructor', replacement, false)
  defineOwn(globalThis, 'Date', replacement, false)
}

/** A formatter that is given no date takes the engine's time.
 *
 * ATTACK: `new Intl.DateTimeFormat('en', { fractionalSecondDigits: 3 }).format()`. */
const installDateFormat = () => {
  const { prototype } = Intl.DateTimeFormat
  const getFormat = uncurryGetter(prototype, 'format')
  const toParts = uncurryThis(prototype.formatToParts)
  const formats = new WeakMap()
  const guarded = {
    get format() {
      const native = /** @type {(date: unknown) => string} */ (getFormat(this))
      const known = WeakMapPrototypeGet(formats, native)
      if (known !== undefined) return known
      const format = (/** @type {unknown} */ date) => native(date === undefined ? guestNow() : date)
      WeakMapPrototypeSet(formats, native, format)
      return format
    },
  }
  // A getter that a literal has defined is named as the engine's is.
  const descriptor = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(guarded, 'format'))
  descriptor.enumerable = false
  Object.defineProperty(prototype, 'format', descriptor)
  const { formatToParts } = {
    formatToParts(/** @type {any} */ date) {
      return toParts(/** @type {any} */ (this), date === undefined ? guestNow() : date)
    },
  }
  replaceNative(prototype, 'formatToParts', formatToParts)
}

/** `Temporal.Now` tells nanoseconds; here it tells what the guest's clock does. */
const installTemporal = () => {
  if (EngineTemporal === undefined) return
  const { Now, Instant, ZonedDateTime } = EngineTemporal
  const fromMilliseconds = Instant.fromEpochMilliseconds
  const timeZoneId = Now.timeZoneId
  const toZoned = uncurryThis(Instant.prototype.toZonedDateTimeISO)
  const instant = () => ReflectApply(fromMilliseconds, Instant, [guestNow()])
  const zoned = (/** @type {unknown} */ zone) => toZoned(instant(), zone === undefined ? timeZoneId() : zone)
  const toDateTime = uncurryThis(ZonedDateTime.prototype.toPlainDateTime)
  const toDate = uncurryThis(ZonedDateTime.prototype.toPlainDate)
  const toTime = uncurryThis(ZonedDateTime.prototype.toPlainTime)
  const functions = {
    instant: () => instant(),
    zonedDateTimeISO: (/** @type {unknown} */ zone) => zoned(zone),
    plainDateTimeISO: (/** @type {unknown} */ zone) => toDateTime(zoned(zone)),
    plainDateISO: (/** @type {unknown} */ zone) => toDate(zoned(zone)),
    plainTimeISO: (/** @type {unknown} */ zone) => toTime(zoned(zone)),
  }
  for (const name of Object.keys(functions)) replaceNative(Now, name, Reflect.get(functions, name))
}

/** Leaves no way to the engine's own clock. Called once, before any guest code. */
const installClock = () => {
  installDate()
  installDateFormat()
  installTemporal()
}
