import ivm from 'isolated-vm'
import { guestText, KERNEL_FILE } from './guest-text.ts'

/** An isolate with a kernel in it, entered once already: its first call is then 50 times faster than a new one's. */
export interface Warm {
  readonly isolate: ivm.Isolate
  readonly memoryBytes: number
  readonly context: ivm.Context
  readonly kernel: ivm.Reference<unknown>
  readonly load: ivm.Reference<(table: unknown, config: string) => void>
  readonly enter: ivm.Reference<(text: string) => string>
  readonly take: ivm.Reference<(uncaught: string) => string>
  /** Called when V8 could not stop the isolate or ran out of memory in it for good: its thread never comes back. */
  onCatastrophe: () => void
  /** Called with the kernel's batch when it found a limit reached. */
  onLimit: (batch: string) => void
}

const REHEARSAL = `({ __proto__: null, entry: "m", modules: { __proto__: null,
  "m": { __proto__: null, kind: "module", deps: { __proto__: null }, run: async function (exports) {
    Object.defineProperty(exports, "default", { enumerable: true, configurable: true, get: () => async (input) => {
      console.log("%s", "rehearsal", input); return [undefined, new Map([[1, input]])] } }) } } } })`
const REHEARSAL_CONFIG = JSON.stringify({ outputBytes: 1000, logBytes: 1000, hostCalls: 1, functions: [] })

let kernelCache: ivm.ExternalCopy<ArrayBuffer> | undefined

const compileKernel = (isolate: ivm.Isolate): ivm.Script => {
  if (kernelCache !== undefined) {
    return isolate.compileScriptSync(guestText(), { filename: KERNEL_FILE, cachedData: kernelCache })
  }
  const options = { filename: KERNEL_FILE, produceCachedData: true }
  const script: ivm.Script & ivm.CachedDataResult = isolate.compileScriptSync(guestText(), options)
  kernelCache = script.cachedData
  return script
}

/**
 * Makes a call in a second context of the isolate, which is then dropped: V8 compiles functions when they are first
 * called, and a guest would otherwise wait a millisecond for that.
 */
const rehearseIn = (isolate: ivm.Isolate, script: ivm.Script): void => {
  const scratch = isolate.createContextSync()
  const kernel = script.runSync(scratch, { reference: true })
  const table = scratch.evalSync(REHEARSAL, { reference: true })
  kernel.getSync('load', { reference: true }).applySync(undefined, [table.derefInto(), REHEARSAL_CONFIG])
  kernel.getSync('enter', { reference: true }).applySync(undefined, ['Cdefault\nJ[{"a":1},"b"]'])
  kernel.getSync('take', { reference: true }).applySync(undefined, [''])
  scratch.release()
}

/** Makes an isolate whose heap may hold `memoryMb`. The kernel's code cache is ours alone: no guest can write to it. */
export const warmIsolate = (memoryMb: number, ahead: boolean): Warm => {
  const hooks: Pick<Warm, 'onCatastrophe' | 'onLimit'> = { onCatastrophe: () => {}, onLimit: () => {} }
  const isolate = new ivm.Isolate({ memoryLimit: memoryMb, onCatastrophicError: () => hooks.onCatastrophe() })
  const context = isolate.createContextSync()
  const script = compileKernel(isolate)
  const kernel = script.runSync(context, { reference: true })
  if (ahead) rehearseIn(isolate, script)
  script.release()
  const get = (name: string) => kernel.getSync(name, { reference: true })
  const memoryBytes = memoryMb * 2 ** 20
  const warm = Object.assign(hooks, {
    isolate,
    memoryBytes,
    context,
    kernel,
    load: get('load'),
    enter: get('enter'),
    take: get('take'),
  })
  const alarm = new ivm.Callback((batch: string) => hooks.onLimit(batch), { ignored: true })
  context.evalClosureSync('$0.warn($1)', [kernel.derefInto(), alarm])
  warm.take.applySync(undefined, [''])
  return warm
}
