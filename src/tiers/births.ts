/** A child of this process. */
interface Birth {
  /** The number of the process that was started, and of the group that everything in it belongs to. */
  readonly group: number
  /** Resolves once it is gone. */
  readonly gone: Promise<unknown>
}

type Listener = (birth: Birth) => void

/** Of this process as a whole, as its stalling and its death are, and not of one broker. */
const listeners = new Set<Listener>()

/** Tells of every child of this process that starts from now on, before anything can be sent to it, until the answer is called. */
export const onBirth = (listener: Listener): (() => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** A child was started. */
export const announceBirth = (birth: Birth): void => {
  for (const listener of listeners) listener(birth)
}
