/** A supervisor that misses so many beats one after the other takes the host to be stalled. */
export const BEATS_TO_STALL = 4

const MIN_STALL_MS = 100
const MAX_STALL_MS = 60 * 60 * 1000
const ATTEMPT = 'Cannot create broker'

/** What ends the children of a host that does not serve them any more. */
export interface DeadManOptions {
  /**
   * How long the host's event loop may be held up before every child is ended. Longer than any turn of a guest in the
   * vm tier, and than anything else the host does at one go.
   */
  readonly stallMs: number
  /** Whether the host itself is ended then: nothing else ends guests in its threads. */
  readonly endHost?: boolean
}

/** Reads them. Throws `TypeError` or `RangeError`, naming the option. */
export const parseDeadMan = (value: unknown): DeadManOptions | undefined => {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${ATTEMPT}: "deadMan" must be an object`)
  }
  const options: Readonly<Record<string, unknown>> = { ...value }
  for (const key of Object.keys(options)) {
    if (key !== 'stallMs' && key !== 'endHost') throw new TypeError(`${ATTEMPT}: "deadMan" has no option "${key}"`)
  }
  const { stallMs, endHost = false } = options
  if (typeof stallMs !== 'number') throw new TypeError(`${ATTEMPT}: "deadMan.stallMs" must be a number`)
  if (!Number.isInteger(stallMs) || stallMs < MIN_STALL_MS || stallMs > MAX_STALL_MS) {
    const range = `a whole number from ${MIN_STALL_MS} to ${MAX_STALL_MS}`
    throw new RangeError(`${ATTEMPT}: "deadMan.stallMs" must be ${range}, received ${stallMs}`)
  }
  if (typeof endHost !== 'boolean') throw new TypeError(`${ATTEMPT}: "deadMan.endHost" must be true or false`)
  return { stallMs, endHost }
}
