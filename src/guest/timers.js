/**
 * Timers of one realm: a binary heap ordered by due time, then by order of creation. They go by the guest's own clock, so
 * that counting them tells no finer time than it does; the host enters the realm again when `nextWakeMs()` says so.
 *
 * @typedef {{ id: number, due: number, every: number, run: () => void, live: boolean }} Timer
 */

/** More pending timers than any honest program has; a flood ends in a RangeError of its own instead of in memory. */
const MAX_TIMERS = 10_000
const COMPACT_SLACK = 64

/** @type {Timer[]} A list without a prototype: an index setter planted on `Array.prototype` is never reached. */
let timerHeap = createList()
let timersById = new MapCtor()
let lastTimerId = 0

/** @param {Timer} a @param {Timer} b */
const timerBefore = (a, b) => a.due < b.due || (a.due === b.due && a.id < b.id)

/** @param {number} i @param {number} j */
const swapTimers = (i, j) => {
  const held = timerHeap[i]
  timerHeap[i] = timerHeap[j]
  timerHeap[j] = held
}

/** @param {Timer} timer */
const pushTimer = (timer) => {
  let i = timerHeap.length
  timerHeap[i] = timer
  while (i > 0) {
    const parent = (i - 1) >> 1
    if (!timerBefore(timerHeap[i], timerHeap[parent])) break
    swapTimers(i, parent)
    i = parent
  }
}

/** Takes the earliest timer off the heap. */
const popTimer = () => {
  const first = timerHeap[0]
  const last = timerHeap[timerHeap.length - 1]
  timerHeap.length -= 1
  if (timerHeap.length > 0) {
    timerHeap[0] = last
    let i = 0
    for (;;) {
      let least = i
      const left = 2 * i + 1
      if (left < timerHeap.length && timerBefore(timerHeap[left], timerHeap[least])) least = left
      if (left + 1 < timerHeap.length && timerBefore(timerHeap[left + 1], timerHeap[least])) least = left + 1
      if (least === i) break
      swapTimers(i, least)
      i = least
    }
  }
  return first
}

/** @param {unknown} delay */
const toDelay = (delay) => {
  const ms = +(/** @type {number} */ (delay))
  return ms >= 1 && ms <= 2_147_483_647 ? ms : 1
}

/**
 * @param {string} name
 * @param {unknown} callback
 * @param {unknown} delay
 * @param {boolean} repeat
 * @param {unknown[]} args
 */
const addTimer = (name, callback, delay, repeat, args) => {
  if (typeof callback !== 'function') {
    throw new TypeErrorCtor(
      `Cannot start a timer: the first argument of ${name} must be a function, received ${typeof callback}`,
    )
  }
  const ms = toDelay(delay)
  if (+(/** @type {number} */ (MapPrototypeGetSize(timersById))) >= MAX_TIMERS) {
    throw new RangeErrorCtor(`Cannot start a timer: ${MAX_TIMERS} are pending already`)
  }
  const id = ++lastTimerId
  const run = () => {
    ReflectApply(callback, undefined, args)
  }
  /** @type {Timer} */
  const timer = { id, due: guestNow() + ms, every: repeat ? ms : 0, run, live: true }
  MapPrototypeSet(timersById, id, timer)
  pushTimer(timer)
  return id
}

/** @param {unknown} id */
const dropTimer = (id) => {
  const timer = MapPrototypeGet(timersById, id)
  if (timer === undefined) return
  timer.live = false
  MapPrototypeDelete(timersById, id)
  if (timerHeap.length > 2 * +(/** @type {number} */ (MapPrototypeGetSize(timersById))) + COMPACT_SLACK) compactTimers()
}

/** Drops the timers that were cleared, so that starting and clearing them in a loop does not fill the heap. */
const compactTimers = () => {
  const old = timerHeap
  timerHeap = createList()
  for (let i = 0; i < old.length; i += 1) if (old[i].live) pushTimer(old[i])
}

/** Forgets every timer: a call's timers end with the call. */
const clearTimers = () => {
  timerHeap = createList()
  timersById = new MapCtor()
}

/** Milliseconds until the earliest timer is due, or -1 when none is pending. */
const nextWakeMs = () => {
  while (timerHeap.length > 0 && !timerHeap[0].live) popTimer()
  if (timerHeap.length === 0) return -1
  return waitUntil(timerHeap[0].due)
}

/**
 * Takes the next timer that is due at `time`, or undefined. An interval goes back on the heap first, so that its
 * callback may clear it.
 *
 * @param {number} time
 */
const takeDueTimer = (time) => {
  for (;;) {
    if (timerHeap.length === 0) return undefined
    if (!timerHeap[0].live) {
      popTimer()
      continue
    }
    if (timerHeap[0].due > time) return undefined
    const timer = popTimer()
    if (timer.every > 0) {
      timer.due = time + timer.every
      pushTimer(timer)
    } else {
      timer.live = false
      MapPrototypeDelete(timersById, timer.id)
    }
    return timer
  }
}

const timerFunctions = {
  setTimeout(/** @type {unknown} */ callback, delay = 1, /** @type {unknown[]} */ ...args) {
    return addTimer('setTimeout', callback, delay, false, args)
  },
  setInterval(/** @type {unknown} */ callback, delay = 1, /** @type {unknown[]} */ ...args) {
    return addTimer('setInterval', callback, delay, true, args)
  },
  clearTimeout(/** @type {unknown} */ id) {
    dropTimer(id)
  },
  clearInterval(/** @type {unknown} */ id) {
    dropTimer(id)
  },
}
