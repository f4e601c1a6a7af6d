// How each kind of object is shown: what stands before its braces, and the entries inside that are not properties.

/** A shape with all its fields its own, so that none is ever looked up on `Object.prototype`.
 * @param {string} base @param {string} open @param {string} close @param {PropertyKey[]} keys
 * @returns {Shape} */
const createShape = (base, open, close, keys) => ({ base, open, close, grouped: close === ']', keys, fill: undefined })

/** @param {number} count @param {string} [of] */
const moreText = (count, of = 'item') => `... ${count} more ${of}${count > 1 ? 's' : ''}`

/** @param {Inspection} inspection @param {object} value @param {string | null} constructor @param {string} tag
 * @returns {Shape} */
const shapeOf = (inspection, value, constructor, tag) => {
  if (typeof value === 'function') {
    return createShape(functionBase(value, constructor, tag), '', '', keysOf(inspection, value, -1))
  }
  const { kind, refused } = kindOf(value)
  if (kind === 'array') return arrayShape(inspection, /** @type {unknown[]} */ (value), constructor, tag)
  if (kind === 'view') return viewShape(inspection, value, constructor, tag)
  // ATTACK: `console.log(Object('x'.repeat(2 ** 28)))`. Its keys are as many as its characters, and the engine lists them all.
  const isText = kind === 'boxed' && passes(StringPrototypeValueOf, value)
  const keys = keysOf(inspection, value, isText ? StringPrototypeValueOf(value).length : -1)
  const shape = createShape('', `${prefixOf(constructor, tag, 'Object')}{`, '}', keys)
  if (kind === 'plain') {
    if (constructor === 'Object' && tag === '') shape.open = '{'
    const isWeak = refused === 'a WeakMap' || refused === 'a WeakSet'
    if (isWeak) shape.fill = (output) => void (output[0] = '<items unknown>')
  } else if (kind === 'map') fillMapShape(inspection, shape, value, constructor, tag)
  else if (kind === 'set') fillSetShape(inspection, shape, value, constructor, tag)
  else if (kind === 'buffer') shape.fill = (output) => fillBuffer(output, value)
  else {
    shape.open = ''
    if (kind === 'error') shape.base = errorBase(inspection, value, constructor, tag, keys)
    else if (kind === 'date') shape.base = dateBase(value, constructor, tag)
    else if (kind === 'regexp') shape.base = regExpBase(value, constructor, tag)
    else shape.base = boxedBase(value, constructor, tag)
  }
  return shape
}

/** @param {Inspection} inspection @param {unknown[]} value @param {string | null} constructor @param {string} tag
 * @returns {Shape} */
const arrayShape = (inspection, value, constructor, tag) => {
  const length = value.length
  const prefix = constructor === 'Array' && tag === '' ? '' : prefixOf(constructor, tag, 'Array', `(${length})`)
  const shape = createShape('', `${prefix}[`, ']', keysOf(inspection, value, length))
  if (length > 0) shape.fill = (output, depth) => fillElements(inspection, output, value, depth)
  return shape
}

/** @param {Inspection} inspection @param {string[]} output @param {unknown[]} value @param {number} depth */
const fillElements = (inspection, output, value, depth) => {
  const length = value.length
  let index = 0
  let looked = 0
  while (index < length && output.length < inspection.maxEntries && inspection.left > 0) {
    if (ObjectHasOwn(value, index)) {
      output[output.length] = showProperty(inspection, value, index, depth, false)
      index++
      continue
    }
    const next = nextElement(value, index)
    const holes = next - index
    output[output.length] = `<${holes} empty item${holes > 1 ? 's' : ''}>`
    index = next
    if (++looked > inspection.maxEntries) break
  }
  if (index < length) output[output.length] = moreText(length - index)
}

/** The index of the next element after a hole. Short gaps are walked, long ones looked up among the keys.
 * @param {unknown[]} value @param {number} from */
const nextElement = (value, from) => {
  const end = MathMin(from + 1000, value.length)
  for (let index = from + 1; index < end; index++) if (ObjectHasOwn(value, index)) return index
  if (end === value.length) return end
  const keys = ObjectKeys(value)
  for (let index = 0; index < keys.length; index++) {
    const key = /** @type {string} */ (keys[index])
    if (!isIndexKey(key)) break
    if (+key > from) return +key
  }
  return value.length
}

/** @param {Inspection} inspection @param {object} value @param {string | null} constructor @param {string} tag
 * @returns {Shape} */
const viewShape = (inspection, value, constructor, tag) => {
  const type = /** @type {string | undefined} */ (TypedArrayPrototypeGetTag(value))
  if (type === undefined) {
    const open = `${prefixOf(constructor, tag, 'DataView')}{`
    const fill = (/** @type {string[]} */ output, /** @type {number} */ depth) => {
      inspection.indentation += 2
      const buffer = showValue(inspection, DataViewPrototypeGetBuffer(value), depth)
      inspection.indentation -= 2
      output[0] = `[byteLength]: ${DataViewPrototypeGetByteLength(value)}`
      output[1] = `[byteOffset]: ${DataViewPrototypeGetByteOffset(value)}`
      output[2] = `[buffer]: ${buffer}`
    }
    const shape = createShape('', open, '}', keysOf(inspection, value, -1))
    shape.fill = fill
    return shape
  }
  const length = /** @type {number} */ (TypedArrayPrototypeGetLength(value))
  const open = `${prefixOf(constructor, tag, type, `(${length})`)}[`
  const shape = createShape('', open, ']', keysOf(inspection, value, length))
  if (length === 0) return shape
  shape.fill = (output) => {
    const shown = MathMin(length, inspection.maxEntries)
    for (let index = 0; index < shown; index++) output[index] = showPrimitive(ReflectGet(value, index), 0, BREAK_LENGTH)
    if (length > shown) output[shown] = moreText(length - shown)
  }
  return shape
}

/** @param {Inspection} inspection @param {Shape} shape @param {object} value @param {string | null} constructor @param {string} tag */
const fillMapShape = (inspection, shape, value, constructor, tag) => {
  const size = /** @type {number} */ (MapPrototypeGetSize(value))
  shape.open = `${prefixOf(constructor, tag, 'Map', `(${size})`)}{`
  if (size === 0) return
  shape.fill = (output, depth) => {
    inspection.indentation += 2
    MapPrototypeForEach(value, (/** @type {unknown} */ entry, /** @type {unknown} */ key) => {
      if (output.length >= inspection.maxEntries || inspection.left <= 0) return
      output[output.length] = `${showValue(inspection, key, depth)} => ${showValue(inspection, entry, depth)}`
    })
    inspection.indentation -= 2
    if (size > output.length) output[output.length] = moreText(size - output.length)
  }
}

/** @param {Inspection} inspection @param {Shape} shape @param {object} value @param {string | null} constructor @param {string} tag */
const fillSetShape = (inspection, shape, value, constructor, tag) => {
  const size = /** @type {number} */ (SetPrototypeGetSize(value))
  shape.open = `${prefixOf(constructor, tag, 'Set', `(${size})`)}{`
  if (size === 0) return
  shape.fill = (output, depth) => {
    inspection.indentation += 2
    SetPrototypeForEach(value, (/** @type {unknown} */ entry) => {
      if (output.length >= inspection.maxEntries || inspection.left <= 0) return
      output[output.length] = showValue(inspection, entry, depth)
    })
    inspection.indentation -= 2
    if (size > output.length) output[output.length] = moreText(size - output.length)
  }
}

/** @param {string[]} output @param {object} buffer */
const fillBuffer = (output, buffer) => {
  if (ArrayBufferPrototypeGetDetached(buffer)) {
    output[0] = '(detached)'
    output[1] = '[byteLength]: 0'
    return
  }
  const bytes = new Uint8ArrayCtor(/** @type {ArrayBuffer} */ (buffer))
  const length = /** @type {number} */ (TypedArrayPrototypeGetLength(bytes))
  let text = ''
  for (let index = 0; index < length && index < MAX_ENTRIES; index++) {
    const byte = /** @type {number} */ (bytes[index])
    text += `${index > 0 ? ' ' : ''}${byte < 16 ? '0' : ''}${NumberPrototypeToString(byte, 16)}`
  }
  if (length > MAX_ENTRIES) text += ` ${moreText(length - MAX_ENTRIES, 'byte')}`
  output[0] = `[Uint8Contents]: <${text}>`
  output[1] = `[byteLength]: ${length}`
}

/** @param {object} value @param {string | null} constructor @param {string} tag */
const dateBase = (value, constructor, tag) => {
  const time = /** @type {number} */ (DatePrototypeGetTime(value))
  const prefix = prefixOf(constructor, tag, 'Date')
  const text = time === time ? DatePrototypeToISOString(value) : 'Invalid Date'
  return prefix === 'Date ' ? text : `${prefix}${text}`
}

/** @param {object} value @param {string | null} constructor @param {string} tag */
const regExpBase = (value, constructor, tag) => {
  const prefix = prefixOf(constructor, tag, 'RegExp')
  const text = `/${clip(/** @type {string} */ (RegExpPrototypeGetSource(value)), MAX_STRING_SHOWN)}/${regExpFlags(value)}`
  return prefix === 'RegExp ' ? text : `${prefix}${text}`
}

/** The primitive in a box, and the name of its kind.
 * @param {object} value
 * @returns {{ type: string, primitive: unknown }} */
const unbox = (value) => {
  if (passes(NumberPrototypeValueOf, value)) return { type: 'Number', primitive: NumberPrototypeValueOf(value) }
  if (passes(StringPrototypeValueOf, value)) return { type: 'String', primitive: StringPrototypeValueOf(value) }
  if (passes(BooleanPrototypeValueOf, value)) return { type: 'Boolean', primitive: BooleanPrototypeValueOf(value) }
  if (passes(BigIntPrototypeValueOf, value)) return { type: 'BigInt', primitive: BigIntPrototypeValueOf(value) }
  return { type: 'Symbol', primitive: SymbolPrototypeValueOf(value) }
}

/** @param {object} value @param {string | null} constructor @param {string} tag */
const boxedBase = (value, constructor, tag) => {
  const { type, primitive } = unbox(value)
  const name = constructor === type ? type : `${type} (${constructor ?? 'null prototype'})`
  const base = `[${name}: ${showPrimitive(primitive, 0, BREAK_LENGTH)}]`
  return tag !== '' && tag !== constructor ? `${base} [${tag}]` : base
}
