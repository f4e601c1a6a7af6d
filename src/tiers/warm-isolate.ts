import ivm from 'isolated-vm'
import type { Part } from '../web/web-text.ts'
import { guestText, KERNEL_FILE, PART_FILES } from './guest-text.ts'
import { REHEARSAL_CONFIG, REHEARSAL_INPUT, REHEARSAL_SCRIPT } from './rehearsal.ts'
import type { Primitive } from './rejection-copy.ts'

/** An isolate with a kernel in it, entered once already: its first call is then 50 times faster than a new one's. */
export interface Warm {
  readonly isolate: ivm.Isolate
  readonly memoryBytes: number
  readonly context: ivm.Context
  readonly kernel: ivm.Reference<unknown>
  readonly load: ivm.Reference<(table: unknown, config: string) => void>
  readonly enter: ivm.Reference<(text: string) => string>
  readonly take: ivm.Reference<(uncaught: string, primitive?: Primitive) => string>
  /** Called when V8 could not stop the isolate or ran out of memory in it for good: its thread never comes back. */
  onCatastrophe: () => void
  /** Called with the kernel's batch when it found a limit reached. */
  onLimit: (batch: string) => void
}

const CONFIG = JSON.stringify(REHEARSAL_CONFIG)

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

/** Gives an isolate the text of the web platform or of Node's modules, of which nothing runs before its guest touches it. */
export const equipIsolate = (
  { isolate, context, kernel }: Warm,
  text: string,
  part: Part,
  cachedData: ivm.ExternalCopy<ArrayBuffer> | undefined,
): void => {
  const cached = cachedData === undefined ? {} : { cachedData }
  const script = isolate.compileScriptSync(text, { filename: PART_FILES[part], ...cached })
  const platform = script.runSync(context, { reference: true })
  context.evalClosureSync('$0.equip($1, $2)', [kernel.derefInto(), platform.derefInto(), part])
  platform.release()
  script.release()
}

/**
 * Makes a call in a second context of the isolate, which is then dropped: V8 compiles functions when they are first
 * called, and a guest would otherwise wait a millisecond for that.
 */
const rehearseIn = (isolate: ivm.Isolate, script: ivm.Script): void => {
  const scratch = isolate.createContextSync()
  const kernel = script.runSync(scratch, { reference: true })
  const table = scratch.evalSync(REHEARSAL_SCRIPT, { reference: true })
  kernel.getSync('load', { reference: true }).applySync(undefined, [table.derefInto(), CONFIG])
  kernel.getSync('enter', { reference: true }).applySync(undefined, [`Cdefault\n${REHEARSAL_INPUT}`])
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
