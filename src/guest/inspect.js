// Shows values as Node's util.inspect does, with bounded work and without ever throwing for what a guest made.
//
// ATTACK: `console.log(new Proxy({}, { ownKeys() { throw 1 } }))`, a log of ten million nested arrays, an own `toString` that
// throws. A console that throws breaks honest programs; one without bounds lets a log line cost more than its limit.

/** @typedef {{ value: object, next: Ancestor | undefined }} Ancestor */
/** @typedef {{ depth: number, breakLength: number, maxEntries: number, hidden: boolean, left: number, indentation: number,
 *   deepest: number, ancestors: Ancestor | undefined, circular: Map<object, number> }} Inspection */
/** @typedef {{ base: string, open: string, close: string, grouped: boolean, keys: PropertyKey[],
 *   fill: ((output: string[], depth: number) => void) | undefined }} Shape */

const MAX_ENTRIES = 100
/** Beyond this length an array is not asked for properties other than its elements. */
const MAX_KEYED_LENGTH = 100_000
const MAX_INSPECT_WORK = 65_536

/** @param {Inspection} inspection @param {object} value */
const circularMark = (inspection, value) => {
  for (let at = inspection.ancestors; at !== undefined; at = at.next) {
    if (at.value !== value) continue
    if (!MapPrototypeHas(inspection.circular, value)) {
      MapPrototypeSet(inspection.circular, value, /** @type {number} */ (MapPrototypeGetSize(inspection.circular)) + 1)
    }
    return `[Circular *${MapPrototypeGet(inspection.circular, value)}]`
  }
  return ''
}

/** @param {Inspection} inspection @param {unknown} value @param {number} depth @returns {string} */
const showValue = (inspection, value, depth) => {
  if (inspection.left <= 0) return '…'
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
    const text = showPrimitive(value, inspection.indentation, inspection.breakLength)
    inspection.left -= text.length + 4
    return text
  }
  inspection.left -= 16
  const circular = circularMark(inspection, value)
  if (circular !== '') return circular
  const { ancestors, indentation } = inspection
  try {
    return showObject(inspection, value, depth)
  } catch {
    // A proxy's trap threw, or the stack is exhausted: the rest of the line is still worth showing.
    inspection.ancestors = ancestors
    inspection.indentation = indentation
    return '[cannot be inspected]'
  }
}

/** The enumerable own keys, or with `hidden` all; without those of elements where there are elements.
 * @param {Inspection} inspection @param {object} value @param {number} elements
 * @returns {PropertyKey[]} */
const keysOf = (inspection, value, elements) => {
  /** @type {PropertyKey[]} */
  const keys = createList()
  if (elements > MAX_KEYED_LENGTH) return keys
  const all = inspection.hidden ? ReflectOwnKeys(value) : ObjectKeys(value)
  for (let index = 0; index < all.length; index++) {
    const key = /** @type {PropertyKey} */ (all[index])
    if (elements >= 0 && typeof key === 'string' && isIndexKey(key)) continue
    keys[keys.length] = key
  }
  if (inspection.hidden) return keys
  const symbols = ObjectGetOwnPropertySymbols(value)
  for (let index = 0; index < symbols.length; index++) {
    const symbol = /** @type {symbol} */ (symbols[index])
    if (ObjectPrototypePropertyIsEnumerable(value, symbol)) keys[keys.length] = symbol
  }
  return keys
}

/** @param {string} key */
const isIndexKey = (key) => {
  const index = +key
  return index >= 0 && index < 4294967295 && `${index >>> 0}` === key
}

/** @param {Inspection} inspection @param {object} holder @param {PropertyKey} key @param {number} depth @param {boolean} named */
const showProperty = (inspection, holder, key, depth, named) => {
  const descriptor = ObjectGetOwnPropertyDescriptor(holder, key)
  let text = 'undefined'
  if (descriptor !== undefined && ObjectHasOwn(descriptor, 'value')) {
    inspection.indentation += 2
    text = showValue(inspection, descriptor.value, depth)
    inspection.indentation -= 2
  } else if (descriptor?.get !== undefined) text = descriptor.set === undefined ? '[Getter]' : '[Getter/Setter]'
  else if (descriptor?.set !== undefined) text = '[Setter]'
  if (!named) return text
  const name = showKey(key, descriptor === undefined || descriptor.enumerable === true)
  inspection.left -= name.length
  return `${name}: ${text}`
}

/** @param {Inspection} inspection @param {object} value @param {number} depth @returns {string} */
const showObject = (inspection, value, depth) => {
  const constructor = constructorName(value)
  const tag = tagOf(value)
  const shape = shapeOf(inspection, value, constructor, tag)
  if (shape.keys.length === 0 && shape.fill === undefined) {
    return shape.open === '' ? shape.base : `${shape.base === '' ? '' : `${shape.base} `}${shape.open}${shape.close}`
  }
  if (depth > inspection.depth) {
    if (shape.base !== '' && kindOf(value).kind === 'regexp') return shape.base
    const name = StringPrototypeSlice(prefixOf(constructor, tag, 'Object'), 0, -1)
    return constructor === null ? name : `[${name}]`
  }
  if (shape.open === '') {
    shape.open = '{'
    shape.close = '}'
  }
  inspection.ancestors = { value, next: inspection.ancestors }
  inspection.deepest = depth + 1
  /** @type {string[]} */
  const output = createList()
  if (shape.fill !== undefined) shape.fill(output, depth + 1)
  for (let index = 0; index < shape.keys.length && inspection.left > 0; index++) {
    output[output.length] = showProperty(
      inspection,
      value,
      /** @type {PropertyKey} */ (shape.keys[index]),
      depth + 1,
      true,
    )
  }
  const reference = MapPrototypeGet(inspection.circular, value)
  if (reference !== undefined) shape.base = `<ref *${reference}>${shape.base === '' ? '' : ` ${shape.base}`}`
  inspection.ancestors = inspection.ancestors?.next
  return joinEntries(inspection, output, shape, depth + 1, value)
}

/** Shows a value in the style of Node's util.inspect, in at most `maxLength` characters.
 * @param {unknown} value @param {number} [maxLength]
 * @param {{ depth?: number, breakLength?: number, maxEntries?: number, hidden?: boolean }} [options]
 * @returns {string} */
const inspect = (value, maxLength = MAX_INSPECT_WORK, options = NO_INSPECT_OPTIONS) => {
  /** @type {Inspection} */
  const inspection = {
    depth: ownOption(options, 'depth', 2),
    breakLength: ownOption(options, 'breakLength', BREAK_LENGTH),
    maxEntries: ownOption(options, 'maxEntries', MAX_ENTRIES),
    hidden: ObjectHasOwn(options, 'hidden'),
    left: maxLength,
    indentation: 0,
    deepest: 0,
    ancestors: undefined,
    circular: new MapCtor(),
  }
  return clip(showValue(inspection, value, 0), maxLength)
}

const NO_INSPECT_OPTIONS = {}

/** @param {object} options @param {string} key @param {number} fallback @returns {number} */
const ownOption = (options, key, fallback) => {
  const value = ObjectHasOwn(options, key) ? ReflectGet(options, key) : fallback
  return typeof value === 'number' ? value : fallback
}
