// The table form of the codec: every object is a row, so identity and cycles survive and depth costs no stack.
//
//   [[root, row, row, …], [bytes, bytes, …]]
//
// A cell is a JSON primitive, or an array: [3] the object of row 3; ["u"] undefined; ["NaN"], ["-0"], ["Infinity"],
// ["-Infinity"]; ["n", "-ff"] a bigint. Rows: ["O", key, cell, …] ["A", cell, …] ["X", length, key, cell, …] (an array
// with holes or names) ["M", key, value, …] ["S", value, …] ["D", ms | null] ["R", source, flags] ["B", cell]
// ["E", type, [hidden key, cell, …], key, cell, …] ["b", bytes] ["V", kind, bytes, offset, length]. An entry of bytes is
// base64, or [base64, start] when only a window of the buffer is sent.

/** @typedef {{ buffer: object, whole: boolean, start: number, end: number, views: Window | undefined, next: Bytes | undefined, index: number }} Bytes */
/** @typedef {{ start: number, length: number, next: Window | undefined }} Window */
/** @typedef {{ out: string, left: number, maxLength: number, discreet: boolean, patterns: number, holes: number, rows: Map<object, number>, last: Row | undefined,
 *   bytes: Map<object, Bytes>, firstBytes: Bytes | undefined, lastBytes: Bytes | undefined }} Writer */

/** @param {Writer} writer @param {string} text */
const put = (writer, text) => {
  writer.left -= text.length
  if (writer.left < 0) throw new OutputTooLarge(writer.maxLength)
  writer.out += text
}

/** Quotes a string; one too long is refused before it is looked at, since a rope of 400 MB is tiny until it is read.
 * @param {Writer} writer @param {string} text */
const putString = (writer, text) => {
  if (text.length > writer.left) throw new OutputTooLarge(writer.maxLength)
  put(writer, JSONStringify(text))
}

/** Writes a bigint in hexadecimal, which takes linear time; how long it is, is asked of a shift, not of the text.
 * @param {Writer} writer @param {bigint} value */
const putBigInt = (writer, value) => {
  const rest = value >> BigIntCtor(writer.left * 4)
  if (rest !== 0n && rest !== -1n) throw new OutputTooLarge(writer.maxLength)
  put(writer, `["n","${BigIntPrototypeToString(value, 16)}"]`)
}

/** Writes a cell. An object met for the first time gets the next row.
 * @param {Writer} writer @param {unknown} value @param {Row | undefined} parent @param {Step} [step] */
const putCell = (writer, value, parent, step) => {
  switch (typeof value) {
    case 'string':
      return putString(writer, value)
    case 'number':
      if (value - value !== 0) return put(writer, `["${value}"]`)
      return put(writer, ObjectIs(value, -0) ? '["-0"]' : `${value}`)
    case 'boolean':
      return put(writer, value ? 'true' : 'false')
    case 'undefined':
      return put(writer, '["u"]')
    case 'bigint':
      return putBigInt(writer, value)
    case 'object':
      return value === null ? put(writer, 'null') : putReference(writer, value, parent, step)
    default:
      return refuse(refusedPrimitive(value), parent, step)
  }
}

/** @param {Writer} writer @param {object} value @param {Row | undefined} parent @param {Step | undefined} step */
const putReference = (writer, value, parent, step) => {
  let index = MapPrototypeGet(writer.rows, value)
  if (index === undefined) {
    index = /** @type {number} */ (MapPrototypeGetSize(writer.rows)) + 1
    MapPrototypeSet(writer.rows, value, index)
    const row = { value, parent, step, next: undefined }
    if (writer.last !== undefined) writer.last.next = row
    writer.last = row
  }
  put(writer, `[${index}]`)
}

/** Writes the enumerable properties as ,key,cell pairs. Getters are called, as structured clone calls them.
 * @param {Writer} writer @param {Row} row @param {readonly string[]} keys */
const putProperties = (writer, row, keys) => {
  for (let index = 0; index < keys.length; index++) {
    const key = /** @type {string} */ (keys[index])
    put(writer, ',')
    putString(writer, key)
    put(writer, ',')
    putCell(writer, ReflectGet(row.value, key), row, key)
  }
}

/** Holes take no room here, and as much as values for whoever walks the list, so that each counts as a character.
 * @param {Writer} writer @param {Row} row @param {number} count */
const putHoles = (writer, row, count) => {
  if (count <= 0) return
  writer.left -= count
  writer.holes -= count
  if (writer.left < 0) throw new OutputTooLarge(writer.maxLength)
  if (writer.holes < 0) refuse('a list of too many holes', row.parent, row.step)
}

/** @param {Writer} writer @param {Row} row */
const putArray = (writer, row) => {
  const array = /** @type {unknown[]} */ (row.value)
  const length = array.length
  const keys = ObjectKeys(array)
  if (keys.length !== length || (length > 0 && keys[length - 1] !== `${length - 1}`)) {
    put(writer, `["X",${length}`)
    putHoles(writer, row, length - keys.length)
    return putProperties(writer, row, keys)
  }
  put(writer, '["A"')
  for (let index = 0; index < length; index++) {
    put(writer, ',')
    putCell(writer, array[index], row, index)
  }
}

/** @param {Writer} writer @param {Row} row */
const putMap = (writer, row) => {
  put(writer, '["M"')
  let index = 0
  MapPrototypeForEach(row.value, (/** @type {unknown} */ value, /** @type {unknown} */ key) => {
    put(writer, ',')
    putCell(writer, key, row, { entry: `<key ${index}>` })
    put(writer, ',')
    putCell(writer, value, row, { entry: `<value ${index}>` })
    index++
  })
}

/** @param {Writer} writer @param {Row} row */
const putSet = (writer, row) => {
  put(writer, '["S"')
  let index = 0
  SetPrototypeForEach(row.value, (/** @type {unknown} */ value) => {
    put(writer, ',')
    putCell(writer, value, row, { entry: `<value ${index++}>` })
  })
}

/** Writes an error: its hidden properties, then what it carries in the open.
 * @param {Writer} writer @param {Row} row @param {string} type */
const putError = (writer, row, type) => {
  const error = row.value
  const name = ReflectGet(error, 'name')
  const known = typeof name === 'string' && MapPrototypeHas(errorConstructors, name) ? name : type
  put(writer, `["E","${known}",[`)
  let separator = ''
  const hide = (/** @type {string} */ key, /** @type {unknown} */ value) => {
    if (ObjectPrototypePropertyIsEnumerable(error, key)) return
    put(writer, `${separator}"${key}",`)
    separator = ','
    putCell(writer, value, row, key)
  }
  if (typeof name === 'string' && name !== known) hide('name', name)
  const message = ReflectGet(error, 'message')
  if (typeof message === 'string' && (message !== '' || ObjectHasOwn(error, 'message'))) hide('message', message)
  const stack = writer.discreet ? undefined : ReflectGet(error, 'stack')
  if (typeof stack === 'string') hide('stack', stack)
  if (ObjectHasOwn(error, 'cause')) hide('cause', ReflectGet(error, 'cause'))
  if (ObjectHasOwn(error, 'errors')) hide('errors', ReflectGet(error, 'errors'))
  put(writer, ']')
  putProperties(writer, row, ObjectKeys(error))
}

/** @param {Writer} writer @param {Row} row */
const putBoxed = (writer, row) => {
  const value = row.value
  put(writer, '["B",')
  if (passes(StringPrototypeValueOf, value)) putString(writer, StringPrototypeValueOf(value))
  else if (passes(NumberPrototypeValueOf, value)) putCell(writer, NumberPrototypeValueOf(value), row)
  else if (passes(BooleanPrototypeValueOf, value)) putCell(writer, BooleanPrototypeValueOf(value), row)
  else putBigInt(writer, BigIntPrototypeValueOf(value))
}

/** Writes one row.
 * @param {Writer} writer @param {Row} row */
const putRow = (writer, row) => {
  const { kind, error, refused } = kindOf(row.value)
  if (refused !== '') refuse(refused, row.parent, row.step)
  put(writer, ',')
  if (kind === 'plain') {
    put(writer, '["O"')
    putProperties(writer, row, ObjectKeys(row.value))
  } else if (kind === 'array') putArray(writer, row)
  else if (kind === 'map') putMap(writer, row)
  else if (kind === 'set') putSet(writer, row)
  else if (kind === 'error') putError(writer, row, error)
  else if (kind === 'boxed') putBoxed(writer, row)
  else if (kind === 'buffer') putBuffer(writer, row)
  else if (kind === 'view') putView(writer, row)
  else if (kind === 'date') {
    const time = DatePrototypeGetTime(row.value)
    put(writer, `["D",${time === time ? time : 'null'}`)
  } else {
    const source = /** @type {string} */ (RegExpPrototypeGetSource(row.value))
    const flags = regExpFlags(row.value)
    if ((writer.patterns -= patternCost(source, flags)) < 0) refuse('too long a unicode pattern', row.parent, row.step)
    put(writer, '["R",')
    putString(writer, source)
    put(writer, `,"${flags}"`)
  }
  put(writer, ']')
}

/** The table form of a value. `discreet` keeps back what its side would not show: error stacks, and those bytes of a
 * buffer which no view in the value covers (Node's small Buffers share one pool with everything else in the process).
 * @param {unknown} value @param {number} maxLength @param {boolean} discreet
 * @returns {string} */
const encodeTable = (value, maxLength, discreet) => {
  const first = { value: ObjectPrototype, parent: undefined, step: undefined, next: undefined }
  /** @type {Writer} */
  const writer = {
    out: '',
    left: maxLength,
    maxLength,
    discreet,
    patterns: MAX_UNICODE_PATTERNS,
    holes: MAX_HOLES,
    rows: new MapCtor(),
    last: first,
    bytes: new MapCtor(),
    firstBytes: undefined,
    lastBytes: undefined,
  }
  put(writer, 'T[[')
  putCell(writer, value, undefined, undefined)
  /** @type {Row} */
  let done = first
  while (done.next !== undefined) {
    done = done.next
    putRow(writer, done)
  }
  put(writer, '],[')
  putBytes(writer)
  put(writer, ']]')
  return writer.out
}
