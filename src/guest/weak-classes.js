// Weak references, as a realm can have them that shows nobody when the collector runs. The language lets an engine keep what it
// likes for as long as it likes; here a reference keeps its target while it is itself kept, and no registry ever calls back.
//
// ATTACK: `new FinalizationRegistry(() => { throw text })`: the engine prints the guest's text to the host's stdout.
// ATTACK: `new WeakRef({})`, looked at until it is empty: a clock of the collector's, which neighbours of one process share.

const NativeWeakRef = WeakRef
const NativeFinalizationRegistry = FinalizationRegistry
const nativeUnregister = uncurryThis(FinalizationRegistry.prototype.unregister)
const WeakSetPrototypeDelete = uncurryThis(WeakSet.prototype.delete)

/** What each reference keeps alive. */
const keptTargets = new WeakMapCtor()
/** The tokens that each registry could be asked to forget. */
const registeredTokens = new WeakMapCtor()

/** Puts a constructor in the place of the engine's, whose prototype and text it takes over. @param {string} name @param {Function} guard */
const replaceConstructor = (name, guard) => {
  const { prototype } = ReflectGet(globalThis, name)
  ObjectDefineProperty(guard, 'prototype', /** @type {any} */ ({ __proto__: null, value: prototype, writable: false }))
  replaceNative(globalThis, name, guard)
  defineOwn(prototype, 'constructor', guard, false)
}

/** The engine's own steps, for what they throw. @param {unknown} value */
const expectHeldWeakly = (value) => new NativeWeakRef(/** @type {object} */ (value))

const weakConstructors = {
  WeakRef: function (/** @type {unknown} */ target) {
    if (new.target === undefined) throw new TypeErrorCtor("Constructor WeakRef requires 'new'")
    const reference = ReflectConstruct(NativeWeakRef, [target], new.target)
    WeakMapPrototypeSet(keptTargets, reference, target)
    return reference
  },
  FinalizationRegistry: function (/** @type {unknown} */ cleanup) {
    if (new.target === undefined) throw new TypeErrorCtor("Constructor FinalizationRegistry requires 'new'")
    const registry = ReflectConstruct(NativeFinalizationRegistry, [cleanup], new.target)
    WeakMapPrototypeSet(registeredTokens, registry, new WeakSetCtor())
    return registry
  },
}

const registryMethods = {
  /** @this {any} @param {unknown} target @param {unknown} held */
  register(target, held) {
    const token = arguments.length > 2 ? arguments[2] : undefined
    // Throws for what is no registry, and finds nothing to forget.
    nativeUnregister(this, registeredTokens)
    expectHeldWeakly(target)
    if (ObjectIs(target, held)) {
      throw new TypeErrorCtor('FinalizationRegistry.prototype.register: target and holdings must not be same')
    }
    if (token === undefined) return
    expectHeldWeakly(token)
    WeakSetPrototypeAdd(WeakMapPrototypeGet(registeredTokens, this), token)
  },
  /** @this {any} @param {any} token */
  unregister(token) {
    nativeUnregister(this, token)
    return WeakSetPrototypeDelete(WeakMapPrototypeGet(registeredTokens, this), token)
  },
}

/** Puts these in the place of the engine's, of which the methods that are left find nothing gone. */
const guardWeakClasses = () => {
  replaceConstructor('WeakRef', weakConstructors.WeakRef)
  replaceConstructor('FinalizationRegistry', weakConstructors.FinalizationRegistry)
  const { prototype } = NativeFinalizationRegistry
  replaceNative(prototype, 'register', registryMethods.register)
  replaceNative(prototype, 'unregister', registryMethods.unregister)
}
