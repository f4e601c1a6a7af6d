import process from 'node:process'
import vm from 'node:vm'
import { decode, encode } from '../../src/core/codec.ts'
import type { Data, GuestError } from '../../src/core/types.ts'
import { mapError } from '../../src/program/map-error.ts'
import type { PrepareOptions, Program } from '../../src/program/prepare.ts'
import { clockOf } from '../../src/tiers/guest-clock.ts'
import { parseGuestError } from '../../src/tiers/guest-error.ts'
import { guestText } from '../../src/tiers/guest-text.ts'
import { readBatch, readRecords } from '../../src/tiers/records.ts'
import { ready } from './bare-realm.ts'

/** How one call of a program ended. */
export type Ended =
  | { readonly kind: 'returned'; readonly value: Data }
  | { readonly kind: 'threw'; readonly error: GuestError }
  | { readonly kind: 'unsettled' }

export interface HowCalled extends PrepareOptions {
  readonly input?: Data
  readonly exportName?: string
}

interface Kernel {
  readonly load: (table: unknown, config: string) => void
  readonly stage: (text: string) => void
  readonly take: () => string
}

const CONFIG = JSON.stringify({
  outputBytes: 1e6,
  logBytes: 1e6,
  hostCalls: 10,
  functions: [['host/double', true]],
  clock: clockOf('trusted'),
})

/** Calls a program in a realm with the real kernel, as the vm tier does, but with Node's own loader behind `import()`. */
export async function call(
  source: string,
  { input, exportName = 'default', ...options }: HowCalled = {},
): Promise<Ended> {
  return callProgram(ready(source, options), input, exportName)
}

/** Calls a prepared program. */
export async function callProgram(program: Program, input?: Data, exportName = 'default'): Promise<Ended> {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
    microtaskMode: 'afterEvaluate',
    codeGeneration: { strings: true, wasm: false },
    importModuleDynamically: LOADER,
  })
  const boot = `const __kernel = ${guestText()}; __kernel`
  const kernel = new vm.Script(boot, { importModuleDynamically: LOADER }).runInContext(context) as Kernel
  const pump = new vm.Script('__kernel.pump()', { importModuleDynamically: LOADER })
  const script = new vm.Script(program.script, { filename: 'guest:program', importModuleDynamically: LOADER })
  const hear = ignoreRejections()
  kernel.load(script.runInContext(context), CONFIG)
  kernel.stage(`C${exportName}\n${encode(input, 1e6)}`)
  const batch = (pump.runInContext(context, { timeout: 5000 }) as string) || kernel.take()
  // What is rejected is told once the microtasks are through.
  await new Promise(setImmediate)
  hear()
  let ending: Ended = { kind: 'unsettled' }
  readRecords(readBatch(batch).records, (kind, _, text) => {
    if (kind === 'D') ending = { kind: 'returned', value: decode(text) }
    if (kind === 'E') ending = { kind: 'threw', error: mapError(program, parseGuestError(text)) }
    return true
  })
  return ending
}

const LOADER = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
const reached: number[] = []
Reflect.set(globalThis, 'reachedByGuests', reached)
let marks = 0

/** A specifier that leaves a mark when Node's loader loads it. Holds nothing that ends a string. */
export function nextMark(): string {
  marks += 1
  return `data:text/javascript,reachedByGuests.push(${marks})`
}

/** Which marks were left since the last call. */
export async function marksLeft(): Promise<readonly number[]> {
  // Ours goes the same way, behind those of the guest; what it takes them longer, the second makes up for.
  for (let n = 0; n < 2; n += 1) {
    const sentinel = new vm.Script(`import('${nextMark()}')`, { importModuleDynamically: LOADER })
    await (sentinel.runInThisContext() as Promise<unknown>)
    reached.pop()
  }
  return reached.splice(0)
}

/** What guests leave unhandled is not for the test runner, which would count it as an error of the test. */
function ignoreRejections(): () => void {
  const listeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', () => {})
  return () => {
    process.removeAllListeners('unhandledRejection')
    for (const listener of listeners) process.on('unhandledRejection', listener)
  }
}
