import type { KillSignal } from './options.ts'

/** Listens to a signal of the operating system until disposed of. Does not keep the process alive. */
export function onKillSignal(signal: KillSignal, listener: () => void): Disposable {
  process.on(signal, listener)
  return { [Symbol.dispose]: () => void process.off(signal, listener) }
}
