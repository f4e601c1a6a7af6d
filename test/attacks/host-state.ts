import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** Planted in the host; no guest may ever show it. */
export const CANARY = 'host-canary-5f1c'
/** The file that attacks try to write. */
const LOOT = join(tmpdir(), 'ringfence-attack-loot')

const iteratorPrototype = (iterator: object): object => Object(Object.getPrototypeOf(iterator))

const HOLDERS: readonly object[] = [
  Object,
  Array,
  Function,
  Promise,
  Error,
  RangeError,
  TypeError,
  RegExp,
  Map,
  Set,
  WeakMap,
  String,
  Number,
  Boolean,
  BigInt,
  Symbol,
  Date,
  Proxy,
  ArrayBuffer,
  Uint8Array,
  Reflect,
  JSON,
  Math,
  console,
  process,
  process.env,
  iteratorPrototype([].values()),
  iteratorPrototype(new Map().values()),
  iteratorPrototype(new Set().values()),
  iteratorPrototype(''[Symbol.iterator]()),
  iteratorPrototype((async () => {}) satisfies object),
  iteratorPrototype(Uint8Array),
].flatMap((holder) => {
  const prototype: unknown = Reflect.get(holder, 'prototype')
  return typeof prototype === 'object' && prototype !== null ? [holder, prototype] : [holder]
})

interface Snapshot {
  readonly holder: object
  readonly keys: readonly PropertyKey[]
  readonly parent: object | null
  readonly descriptors: readonly (PropertyDescriptor | undefined)[]
}

const describe = (holder: object): Snapshot => {
  const keys = Reflect.ownKeys(holder)
  const descriptors = keys.map((key) => Reflect.getOwnPropertyDescriptor(holder, key))
  return { holder, keys, parent: Reflect.getPrototypeOf(holder), descriptors }
}

/** What nobody but the host itself changes: counters and the like may. */
const isSame = (before: PropertyDescriptor | undefined, now: PropertyDescriptor | undefined): boolean =>
  before?.get === now?.get &&
  before?.set === now?.set &&
  before?.writable === now?.writable &&
  (typeof before?.value !== 'function' || before.value === now?.value)

/** What an attack could do to the host: taken before, compared after. */
export class HostState {
  readonly #before: readonly Snapshot[]
  readonly #globals: readonly PropertyKey[]

  constructor() {
    Reflect.set(globalThis, '__canary', CANARY)
    process.env['RINGFENCE_CANARY'] = CANARY
    this.#before = HOLDERS.map(describe)
    this.#globals = Reflect.ownKeys(globalThis)
  }

  /** Throws when anything of the host is no longer what it was. */
  check(): void {
    for (const { holder, keys, parent, descriptors } of this.#before) {
      const now = describe(holder)
      assert.deepEqual(now.keys, keys)
      assert.equal(now.parent, parent)
      for (const [index, before] of descriptors.entries()) {
        assert.ok(isSame(before, now.descriptors[index]), `${String(keys[index])} was changed`)
      }
    }
    assert.deepEqual(Reflect.ownKeys(globalThis), this.#globals)
    assert.equal(Reflect.get(globalThis, '__canary'), CANARY)
    assert.equal(process.env['RINGFENCE_CANARY'], CANARY)
    assert.equal(existsSync(LOOT), false)
  }

  /** Takes the canaries away. */
  restore(): void {
    Reflect.deleteProperty(globalThis, '__canary')
    delete process.env['RINGFENCE_CANARY']
  }
}
