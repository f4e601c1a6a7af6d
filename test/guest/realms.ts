import { readFileSync } from 'node:fs'
import { constants, createContext, Script } from 'node:vm'
import ivm from 'isolated-vm'
import { GUEST_FILES } from '../../src/tiers/guest-text.ts'

/** The guest's files as every tier joins them, up to those that need a host. */
const FILES = GUEST_FILES.slice(0, GUEST_FILES.indexOf('builtins') + 1)

const EXPORTED =
  '{ encodeData, decodeData, isTooLarge, isDataCloneError, describeThrown, describeFully, formatLog, inspect, createConsole, tableText, ' +
  'encodeBase64Slowly, decodeBase64Slowly }'

export interface Realm {
  /** Runs a script and gives its completion value, a string; `guest` in it is what the guest's files define. */
  readonly run: (source: string) => string
  /** Runs a script under a deadline; throws when it passes. */
  readonly runWithin: (source: string, timeoutMs: number) => string
}

const read = (name: string): string => readFileSync(new URL(`../../src/guest/${name}.js`, import.meta.url), 'utf8')

/** The guest's files as one expression; `prepare` stands before its `return`. */
function guestScript(prepare: string): string {
  return `(function () {'use strict'\n${FILES.map(read).join('\n')}\n${prepare}\nreturn ${EXPORTED}\n})()`
}

const HARDENED = 'hardenBuiltins(); installStackFormat()'

function expectText(value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError(`Cannot use a script's value: expected a string, received ${typeof value}`)
}

function openVmRealm(prepare: string): Realm {
  const context = createContext(constants.DONT_CONTEXTIFY, {
    microtaskMode: 'afterEvaluate',
    codeGeneration: { strings: true, wasm: false },
  })
  const script = new Script(`globalThis.guest = ${guestScript(prepare)}`, { filename: 'guest:kernel' })
  script.runInContext(context)
  const run = (source: string, timeout: number): string =>
    expectText(new Script(source, { filename: 'guest:program' }).runInContext(context, { timeout }))
  return { run: (source) => run(source, 20_000), runWithin: run }
}

function openIsolateRealm(prepare: string): Realm {
  const isolate = new ivm.Isolate({ memoryLimit: 128 })
  const context = isolate.createContextSync()
  const text = `globalThis.guest = ${guestScript(prepare)}; undefined`
  isolate.compileScriptSync(text, { filename: 'guest:kernel' }).runSync(context)
  const run = (source: string, timeout: number): string =>
    expectText(isolate.compileScriptSync(source, { filename: 'guest:program' }).runSync(context, { timeout }))
  return { run: (source) => run(source, 20_000), runWithin: run }
}

/** The realms that every guest test runs in: each opens a fresh one. */
export const realmKinds: readonly { readonly kind: string; readonly open: (prepare?: string) => Realm }[] = [
  { kind: 'node:vm realm', open: (prepare = HARDENED) => openVmRealm(prepare) },
  { kind: 'isolate', open: (prepare = HARDENED) => openIsolateRealm(prepare) },
]
