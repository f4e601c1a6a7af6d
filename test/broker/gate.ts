import { setImmediate } from 'node:timers/promises'
/** Something a test waits for or holds back. */
export interface Gate {
  readonly opened: Promise<void>
  readonly open: () => void
}

/** Makes a closed gate. */
export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

/** Whether a promise has settled by now, without waiting for it. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  await setImmediate()
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending
}

/** Resolves once a condition holds; looks at it on every turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setImmediate()
}

/** Keeps the thread busy, as a guest in the host's own thread does. */
export function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}
