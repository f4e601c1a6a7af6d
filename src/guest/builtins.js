// What a guest's realm must not have, taken away before the guest's first line runs.

/** Deletes what there is no safe form of.
 *
 * ATTACK: `new WebAssembly.Memory({ initial: 1 }).grow(60000)`: 4 GB under a limit of 64 MB, counted by nobody.
 * `SharedArrayBuffer` makes a clock finer than any a guest is given; without it, `Atomics` can neither share nor wait. */
const removeGlobals = () => {
  for (const name of ['WebAssembly', 'SharedArrayBuffer']) {
    if (!Reflect.deleteProperty(globalThis, name)) throw new TypeErrorCtor(`Cannot harden realm: "${name}" stays`)
  }
  // Of no standard, and in isolates alone: Node takes it out of its own realms.
  Reflect.deleteProperty(Intl, 'v8BreakIterator')
}

/** Replaces `ArrayBuffer` by one whose buffers never grow.
 *
 * ATTACK: `new ArrayBuffer(1, { maxByteLength: 2 ** 33 }).resize(2 ** 33)`: 8 GB under a limit of 64 MB, counted by nobody. */
const refuseResizableBuffers = () => {
  const replacement = function ArrayBuffer(/** @type {unknown} */ length) {
    if (new.target === undefined) throw new TypeErrorCtor("Constructor ArrayBuffer requires 'new'")
    const options = arguments.length > 1 ? arguments[1] : undefined
    if (typeof options === 'object' && options !== null && options.maxByteLength !== undefined) {
      throw new RangeErrorCtor('Cannot create ArrayBuffer: resizable buffers are not available here')
    }
    return ReflectConstruct(ArrayBufferCtor, [length], new.target)
  }
  const own = Object.getOwnPropertyDescriptors(ArrayBufferCtor)
  for (const key of Reflect.ownKeys(own)) {
    const descriptor = Reflect.get(own, key)
    Object.defineProperty(
      replacement,
      key,
      key === 'prototype' ? { value: descriptor.value, writable: false } : descriptor,
    )
  }
  const resizing = ['resize', 'resizable', 'maxByteLength', 'transfer', 'transferToFixedLength', 'transferToImmutable']
  for (const name of resizing) Reflect.deleteProperty(ArrayBufferPrototype, name)
  defineOwn(ArrayBufferPrototype, 'constructor', replacement, false)
  replaceNative(globalThis, 'ArrayBuffer', replacement)
}

/** Hardens the realm. Called once, before any guest code; what the kernel needs is captured already. */
const hardenBuiltins = () => {
  removeGlobals()
  refuseResizableBuffers()
  guardWeakClasses()
  guardCodeGeneration()
  registerProxies()
  guardArrayMethods()
  guardSorts()
  guardPatternMethods()
  guardTextMethods()
  guardSizes()
  guardFunctionText()
}
