// Guards stand where the engine's own functions stood, and look the same.

/** What guards say they are, which is what the engine's functions say. */
const nativeTexts = new WeakMapCtor()

/** Puts a guard in the place of the engine's function, whose length and text it takes over.
 * @param {object} holder @param {PropertyKey} key @param {Function} guard */
const replaceNative = (holder, key, guard) => {
  const native = ReflectGet(holder, key)
  Object.defineProperty(guard, 'name', { value: native.name, configurable: true })
  Object.defineProperty(guard, 'length', { value: native.length, configurable: true })
  WeakMapPrototypeSet(nativeTexts, guard, FunctionPrototypeToString(native))
  defineOwn(holder, key, guard, false)
}

/** Has the guards look native. Nothing of ours is read from the text of one, by which a guest could tell one version from another. */
const guardFunctionText = () => {
  const { toString: guarded } = {
    /** @this {unknown} */
    toString() {
      const known = typeof this === 'function' ? WeakMapPrototypeGet(nativeTexts, this) : undefined
      return known ?? undisguise(FunctionPrototypeToString(this))
    },
  }
  replaceNative(Function.prototype, 'toString', guarded)
}
