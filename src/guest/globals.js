/** What every realm's global object has beyond the language, apart from the console and the timers. */

const ArrayBufferPrototypeTransfer = uncurryThis(ArrayBuffer.prototype.transfer)

const globalFunctions = {
  queueMicrotask(/** @type {unknown} */ callback) {
    if (typeof callback !== 'function') {
      throw new TypeErrorCtor('Cannot queue a microtask: the callback must be a function')
    }
    void detach(callback)
  },
  structuredClone(/** @type {unknown} */ value, /** @type {{ transfer?: unknown[] }} */ options = {}) {
    if (arguments.length === 0) throw new TypeErrorCtor('Cannot clone a value: there is none')
    const transfer = options?.transfer
    if (transfer !== undefined) for (let i = 0; i < transfer.length; i += 1) expectTransferable(transfer[i])
    const clone = cloneData(value)
    if (transfer === undefined) return clone
    for (let i = 0; i < transfer.length; i += 1) ArrayBufferPrototypeTransfer(/** @type {any} */ (transfer[i]))
    return clone
  },
  reportError(/** @type {unknown} */ error) {
    if (arguments.length === 0) throw new TypeErrorCtor('Cannot report an error: there is none')
    failCall(error, UNCAUGHT)
  },
}

/** @param {unknown} value */
const expectTransferable = (value) => {
  if (passes(ArrayBufferPrototypeGetByteLength, value) && !ArrayBufferPrototypeGetDetached(value)) return
  throw domException(new DataCloneError('Cannot transfer value: only buffers that are not detached can be transferred'))
}

/** @param {unknown} value */
const cloneData = (value) => {
  try {
    return decodeData(encodeData(value, MAX_CLONE))
  } catch (error) {
    if (isTooLarge(error)) throw domException(new DataCloneError('Cannot clone a value: it is too large'))
    throw isDataCloneError(error) ? domException(error) : error
  }
}

/** As many characters as a clone's text may have; the memory limit comes long before. */
const MAX_CLONE = 256 * 1024 * 1024

/** @param {Record<string, Function>} functions */
const installFunctions = (functions) => {
  const names = ObjectKeys(functions)
  for (let i = 0; i < names.length; i += 1) defineOwn(globalThis, names[i], functions[names[i]], false)
}

/** @param {Function} callback */
const detach = async (callback) => {
  await undefined
  runDetached(() => {
    ReflectApply(callback, undefined, [])
  })
}
