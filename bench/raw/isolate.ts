import ivm from 'isolated-vm'
import type { RawChannel } from './channel.ts'

const MEMORY_MB = 64
const TIMEOUT_MS = 1000
const SOURCE = '(text) => text'

/** An isolate with a context and a function taken out of it. */
export interface RawIsolate {
  readonly isolate: ivm.Isolate
  readonly enter: ivm.Reference<(text: string) => string>
}

/** Makes an isolate by hand. Whoever asked disposes of it. */
export function makeIsolate(source: string = SOURCE): RawIsolate {
  const isolate = new ivm.Isolate({ memoryLimit: MEMORY_MB })
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- isolated-vm types as any what it evaluates
  const enter: RawIsolate['enter'] = isolate.createContextSync().evalSync(source, { reference: true })
  return { isolate, enter }
}

/** The whole life of an isolate: made, entered once with a deadline, disposed of. */
export function runFreshIsolate(): void {
  const { isolate, enter } = makeIsolate()
  enter.applySync(undefined, ['hello'], { timeout: TIMEOUT_MS })
  isolate.dispose()
}

/** A warm isolate in this process, entered on this thread (`sync`) or on one of isolated-vm's (`async`). */
export function startIsolate(how: 'sync' | 'async'): RawChannel {
  const { isolate, enter } = makeIsolate()
  return {
    mechanism: how === 'sync' ? 'applySync here, timeout' : 'apply here, timeout',
    call: (text) =>
      how === 'sync'
        ? enter.applySync(undefined, [text], { timeout: TIMEOUT_MS })
        : enter.apply(undefined, [text], { timeout: TIMEOUT_MS }),
    [Symbol.asyncDispose]: async () => isolate.dispose(),
  }
}
