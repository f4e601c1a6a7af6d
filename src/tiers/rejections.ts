import process from 'node:process'
import { types } from 'node:util'

/**
 * Node reports the unhandled rejections of every realm of a thread in one place, and ends the process for those that
 * nobody took: `Promise.reject()` in a guest would end the host. Each realm is known by its `Promise.prototype`;
 * a rejection of a known realm, or of no realm of ours and not the host's either, never reaches the default.
 */
const realms = new Map<object, (reason: unknown) => void>()

/** Steps through a prototype chain without running a proxy's trap, which a guest could have planted there. */
const realmOf = (promise: object): ((reason: unknown) => void) | 'host' | 'unknown' => {
  let at: object | null = promise
  while (at !== null && !types.isProxy(at)) {
    if (at === Promise.prototype) return 'host'
    const realm = realms.get(at)
    if (realm !== undefined) return realm
    at = Reflect.getPrototypeOf(at)
  }
  return 'unknown'
}

const onRejection = (reason: unknown, promise: Promise<unknown>): void => {
  const realm = realmOf(promise)
  if (typeof realm === 'function') {
    realm(reason)
    return
  }
  // The host's own: with another listener it is theirs; without one, Node would have thrown it.
  if (realm === 'host' && process.listenerCount('unhandledRejection') === 1) throw reason
}

/**
 * Routes the unhandled rejections of the realm with this `Promise.prototype` to `report`, which is handed the
 * guest's own value and may only pass it back into that realm. Answers how to stop.
 */
export const watchRejections = (promisePrototype: object, report: (reason: unknown) => void): (() => void) => {
  if (realms.size === 0) process.on('unhandledRejection', onRejection)
  realms.set(promisePrototype, report)
  return () => {
    // A rejection of this realm may still be on its way, so the realm is forgotten a turn later.
    setImmediate(() => {
      realms.delete(promisePrototype)
      if (realms.size === 0) process.off('unhandledRejection', onRejection)
    })
  }
}
