import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { types } from 'node:util'
import v8 from 'node:v8'
import vm from 'node:vm'
import type { Part } from '../web/web-text.ts'
import type { Budget, Engine, Realm, RealmSpec, Turn } from './engine.ts'
import { guestText, KERNEL_FILE } from './guest-text.ts'
import { insist } from './insist.ts'
import { partScript, partsOf } from './parts.ts'
import { watchRejections } from './rejections.ts'
import { compiled } from './script-cache.ts'

/** A kernel as the host holds it: functions of the guest's realm, called with strings only, before which no guest code runs. */
interface Kernel {
  readonly hold: (syncCall: (name: string, args: string) => string) => void
  readonly warn: (onLimit: (batch: string) => void) => void
  readonly equip: (platform: unknown, part: Part) => void
  readonly load: (table: unknown, config: string) => void
  readonly stage: (text: string) => void
  readonly take: () => string
  readonly uncaught: (reason: unknown) => void
  readonly promisePrototype: object
}

/**
 * A script-level `const` is in scope for every script of its realm and invisible to reflection. The name is drawn
 * once per process, so a guest cannot guess the way back into its kernel.
 */
const KERNEL_NAME = `kernel_${randomUUID().replaceAll('-', '')}`

let kernelScript: vm.Script | undefined
let entryScript: vm.Script | undefined
const bootScript = (): vm.Script => {
  kernelScript ??= new vm.Script(`const ${KERNEL_NAME} = ${guestText()}; ${KERNEL_NAME}`, { filename: KERNEL_FILE })
  return kernelScript
}
const entry = (): vm.Script => {
  entryScript ??= new vm.Script(`${KERNEL_NAME}.pump()`, { filename: KERNEL_FILE })
  return entryScript
}

/** The error belongs to the guest's realm, so only its own data is looked at. */
const isTimeout = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  !types.isProxy(error) &&
  Reflect.getOwnPropertyDescriptor(error, 'code')?.value === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

/**
 * The number of the call whose turn it is. Node reports an unhandled rejection later, when the realm may serve its next call
 * already, but in the asynchronous context of the promise: so what one call leaves behind never ends another.
 */
const callOfTurn = new AsyncLocalStorage<number>()

/** How the engine bounds a turn: `inside` by a watchdog thread for each turn, `outside` by whoever can end the thread. */
export type Deadline = 'inside' | 'outside'

/**
 * Makes realms with `node:vm` in this thread. No host object is ever given to a guest: only strings cross, and the
 * kernel's functions are fetched before guest code exists. `DONT_CONTEXTIFY` gives ordinary globals (a contextified
 * sandbox is 20 to 540 times slower on global names); code from strings is compiled by the kernel alone, since `import()` in it
 * would be answered with an error of the host's; the realm's own microtask queue is drained inside the turn, under its deadline.
 */
export const realmEngine = (deadline: Deadline): Engine => {
  const parts = new Map<Part, vm.Script>()
  return {
    equip: (text, part) => {
      parts.set(part, partScript(text, part))
    },
    open: (spec) => openRealm(spec, deadline, parts),
    dispose: () => {},
  }
}

const heldBytes = (): number => {
  const heap = v8.getHeapStatistics()
  return heap.used_heap_size + heap.external_memory
}

const makeKernel = (spec: RealmSpec, deadline: Deadline): { readonly context: vm.Context; readonly kernel: Kernel } => {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
    microtaskMode: 'afterEvaluate',
    codeGeneration: { strings: true, wasm: false },
  })
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- our own text made it, before any guest code
  const kernel: Kernel = bootScript().runInContext(context)
  const { syncCall, onLimit } = spec
  // Where the guest has the host's thread, nobody could act on it before the turn is over.
  if (deadline === 'outside') kernel.warn(onLimit)
  if (syncCall !== undefined) kernel.hold((name, args) => syncNow(syncCall(name, args)))
  return { context, kernel }
}

/** In this engine the guest's thread is the one that would have to wait, so only an answer that is there will do. */
const syncNow = (answer: string | Promise<string>): string => {
  if (typeof answer !== 'string') throw new TypeError('Cannot wait for a host function in its own thread')
  return answer
}

const limitOf = ({ cpuMs, wallMs }: Budget): 'cpuMs' | 'wallMs' => (cpuMs < wallMs ? 'cpuMs' : 'wallMs')

const openRealm = (spec: RealmSpec, deadline: Deadline, parts: ReadonlyMap<Part, vm.Script>): Realm => {
  const { context, kernel } = makeKernel(spec, deadline)
  for (const part of partsOf(spec.config)) kernel.equip(parts.get(part)?.runInContext(context), part)
  const table: unknown = compiled(spec.script, spec.partition).runInContext(context)
  kernel.load(table, JSON.stringify({ ...spec.config, stackless: !spec.config.trusted }))
  let call = 0
  const unwatch = watchRejections(kernel.promisePrototype, (reason) => {
    if (callOfTurn.getStore() !== call) return
    kernel.uncaught(reason)
    spec.onUncaught()
  })
  let cpuMs = 0
  let heapBytes = 0
  const runTurn = (budget: Budget, options: { readonly timeout?: number }): Turn => {
    try {
      const batch: unknown = entry().runInContext(context, options)
      return { kind: 'done', batch: typeof batch === 'string' && batch !== '' ? batch : kernel.take() }
    } catch (error) {
      if (!isTimeout(error)) return { kind: 'broken', batch: '' }
      return { kind: 'exceeded', limit: limitOf(budget), batch: kernel.take() }
    }
  }
  const runTimed = (budget: Budget): Turn => {
    if (deadline === 'outside') return runTurn(budget, {})
    const timeout = Math.max(1, Math.ceil(Math.min(budget.wallMs, budget.cpuMs)))
    const turn = insist(timeout, () => runTurn(budget, { timeout }))
    return turn ?? { kind: 'exceeded', limit: limitOf(budget), batch: kernel.take() }
  }
  return {
    enter: (text, budget) => {
      kernel.stage(text)
      if (text.startsWith('C')) call += 1
      const cpuBefore = process.threadCpuUsage()
      const heapBefore = heldBytes()
      const turn = callOfTurn.run(call, runTimed, budget)
      const cpu = process.threadCpuUsage(cpuBefore)
      cpuMs += (cpu.user + cpu.system) / 1000
      heapBytes = Math.max(0, heapBytes + heldBytes() - heapBefore)
      return turn
    },
    cpuMs: () => cpuMs,
    memoryBytes: () => heapBytes,
    dispose: unwatch,
  }
}
