// Sorting of what is no ordinary array, replaced by steps in JavaScript.
//
// ATTACK: `Array.prototype.sort.call({ length: 2 ** 28 })`, and `toSorted`. The engine makes a list of that length before it looks
// at one element, and for "invalid array length" it aborts the whole process: in vm and worker, the host.

const nativeSort = uncurryThis(Array.prototype.sort)
const nativeToSorted = uncurryThis(Array.prototype.toSorted)

/** @param {unknown} compare */
const expectComparator = (compare) => {
  if (compare === undefined || typeof compare === 'function') return
  throw new TypeErrorCtor('The comparison function must be either a function or undefined')
}

/** More elements than a list of the engine can be counted on to hold. */
const MAX_SORTED = 2 ** 26

/** The elements of an array-like in order of their index, without the holes where these are skipped. A list without a
 * prototype: an index setter planted on `Array.prototype` is never reached.
 * @param {Record<number, unknown>} object @param {number} length @param {boolean} skipsHoles @returns {unknown[]} */
const elementsOf = (object, length, skipsHoles) => {
  const elements = createList()
  for (let index = 0; index < length; index++) {
    if (skipsHoles && !(index in object)) continue
    if (elements.length >= MAX_SORTED) throw new RangeErrorCtor('Invalid array length')
    elements[elements.length] = object[index]
  }
  return elements
}

const guardedSorts = {
  /** @this {unknown} @param {unknown} compare */
  sort(compare) {
    if (isBoundedArray(this)) return nativeSort(this, /** @type {any} */ (compare))
    expectComparator(compare)
    const object = toObject(this, 'sort')
    const length = lengthOf(object)
    const sorted = nativeSort(elementsOf(object, length, true), /** @type {any} */ (compare))
    let index = 0
    for (; index < sorted.length; index++) object[index] = sorted[index]
    for (; index < length; index++) {
      if (index in object && !ReflectDeleteProperty(object, index)) {
        throw new TypeErrorCtor(`Cannot delete property '${index}' of an array-like`)
      }
    }
    return object
  },
  /** @this {unknown} @param {unknown} compare */
  toSorted(compare) {
    if (isBoundedArray(this)) return nativeToSorted(this, /** @type {any} */ (compare))
    expectComparator(compare)
    const object = toObject(this, 'toSorted')
    const length = lengthOf(object)
    if (length > MAX_SORTED) throw new RangeErrorCtor('Invalid array length')
    const sorted = nativeSort(elementsOf(object, length, false), /** @type {any} */ (compare))
    ObjectSetPrototypeOf(sorted, ArrayPrototype)
    return sorted
  },
}

/** Puts the guarded sorts in place of the engine's. */
const guardSorts = () => {
  replaceNative(Array.prototype, 'sort', guardedSorts.sort)
  replaceNative(Array.prototype, 'toSorted', guardedSorts.toSorted)
}
