// Reads the table form of the codec. Total: any text decodes or throws one of three errors made here.

/** @typedef {string | number | boolean | null | readonly unknown[] | object} Json */
/** @typedef {{ cells: readonly unknown[], shells: object[], patterns: number, holes: number, buffers: { buffer: ArrayBuffer, start: number }[] }} Reader */

/** @param {string} why @returns {never} */
const failDecoding = (why) => {
  throw new SyntaxErrorCtor(`Cannot decode data: ${why}`)
}

/** @param {string} text @returns {unknown} */
const parseJson = (text) => {
  try {
    return JSONParse(text)
  } catch {
    // The engine's message quotes what a guest wrote; ours is the same for all.
    return failDecoding('not JSON')
  }
}

/** @param {unknown} value @returns {readonly unknown[]} */
const expectList = (value) => (ArrayIsArray(value) ? value : failDecoding('expected a list'))

/** @param {readonly unknown[]} list @param {number} index @returns {string} */
const expectString = (list, index) => {
  const value = index < list.length ? list[index] : undefined
  return typeof value === 'string' ? value : failDecoding('expected a string')
}

/** @param {readonly unknown[]} list @param {number} index @param {number} below @returns {number} */
const expectIndex = (list, index, below) => {
  const value = index < list.length ? list[index] : undefined
  if (typeof value !== 'number' || !NumberIsInteger(value) || value < 0 || value >= below) {
    return failDecoding('index out of range')
  }
  return value
}

/** The value of a cell.
 * @param {Reader} reader @param {unknown} cell @returns {unknown} */
const readCell = (reader, cell) => {
  if (typeof cell !== 'object' || cell === null) return cell
  const list = expectList(cell)
  if (list.length === 0) return failDecoding('empty cell')
  const tag = list[0]
  if (typeof tag === 'number') {
    const index = expectIndex(list, 0, reader.cells.length)
    return index === 0 ? failDecoding('index out of range') : reader.shells[index]
  }
  if (tag === 'u') return undefined
  if (tag === 'NaN') return NOT_A_NUMBER
  if (tag === '-0') return -0
  if (tag === 'Infinity') return 1 / 0
  if (tag === '-Infinity') return -1 / 0
  if (tag === 'n') return readBigInt(expectString(list, 1))
  return failDecoding('unknown cell')
}

const NOT_A_NUMBER = 0 / 0
const HEXADECIMAL = /^-?[0-9a-f]+$/

/** @param {string} text */
const readBigInt = (text) => {
  if (RegExpPrototypeExec(HEXADECIMAL, text) === null) return failDecoding('bad bigint')
  const negative = text[0] === '-'
  try {
    const value = BigIntCtor(`0x${negative ? StringPrototypeSlice(text, 1) : text}`)
    return negative ? -value : value
  } catch {
    // More digits than the engine's largest bigint.
    return failDecoding('bad bigint')
  }
}

/** An array of a declared length that costs no memory: past a thousand, a last index defined and deleted again makes V8
 * keep the array as a table.
 *
 * ATTACK: `["X", 33000000]` a hundred times over: setting `length` makes V8 allocate 264 MB for each.
 * @param {Reader} reader @param {readonly unknown[]} row */
const createSparseArray = (reader, row) => {
  const length = expectIndex(row, 1, 2 ** 32)
  if ((reader.holes -= MathMax(0, length - (row.length - 2) / 2)) < 0) return failDecoding('too many holes')
  /** @type {unknown[]} */
  const array = []
  if (length > 1000) {
    defineOwn(array, length - 1, 0)
    ReflectDeleteProperty(array, length - 1)
  } else array.length = length
  return array
}

/** @param {Reader} reader @param {readonly unknown[]} row @returns {object} */
const createRegExp = (reader, row) => {
  const source = expectString(row, 1)
  const flags = expectString(row, 2)
  if ((reader.patterns -= patternCost(source, flags)) < 0) return failDecoding('too long a unicode pattern')
  try {
    return new RegExpCtor(source, flags)
  } catch {
    // The engine's message quotes the source; ours is the same for all.
    return failDecoding('bad regular expression')
  }
}

/** @param {Reader} reader @param {readonly unknown[]} row @returns {object} */
const createView = (reader, row) => {
  const constructor = MapPrototypeGet(viewConstructors, expectString(row, 1))
  const bytes = reader.buffers[expectIndex(row, 2, reader.buffers.length)]
  if (constructor === undefined || bytes === undefined) return failDecoding('unknown view')
  const offset = expectIndex(row, 3, 2 ** 53) - bytes.start
  const length = expectIndex(row, 4, 2 ** 53)
  if (offset < 0) return failDecoding('view out of bounds')
  try {
    return new constructor(bytes.buffer, offset, length)
  } catch {
    // Out of bounds or not aligned.
    return failDecoding('view out of bounds')
  }
}

/** @param {readonly unknown[]} row @returns {object} */
const createError = (row) => {
  const constructor = MapPrototypeGet(errorConstructors, expectString(row, 1))
  if (constructor === undefined) return failDecoding('unknown error')
  // Not `new AggregateError([])`: it would iterate, which a guest may have poisoned.
  const error = ReflectConstruct(ErrorCtor, [], constructor)
  defineOwn(error, 'stack', undefined, false)
  return error
}

/** The empty object of a row; what it holds is filled in once all rows have theirs.
 * @param {Reader} reader @param {unknown} value @returns {object} */
const createShell = (reader, value) => {
  const row = expectList(value)
  switch (expectString(row, 0)) {
    case 'O':
      return {}
    case 'A':
      return createList()
    case 'X':
      return createSparseArray(reader, row)
    case 'M':
      return new MapCtor()
    case 'S':
      return new SetCtor()
    case 'D':
      return new DateCtor(row.length > 1 && typeof row[1] === 'number' ? row[1] : NOT_A_NUMBER)
    case 'R':
      return createRegExp(reader, row)
    case 'B':
      return createBoxed(reader, row)
    case 'E':
      return createError(row)
    case 'b':
      return reader.buffers[expectIndex(row, 1, reader.buffers.length)]?.buffer ?? failDecoding('unknown bytes')
    case 'V':
      return createView(reader, row)
    default:
      return failDecoding('unknown row')
  }
}

/** @param {Reader} reader @param {readonly unknown[]} row @returns {object} */
const createBoxed = (reader, row) => {
  const value = readCell(reader, row.length > 1 ? row[1] : [])
  return value === undefined || value === null || typeof value === 'object'
    ? failDecoding('bad boxed value')
    : ObjectCtor(value)
}

/** @param {Reader} reader @param {object} target @param {readonly unknown[]} list @param {number} from @param {boolean} [enumerable] */
const fillProperties = (reader, target, list, from, enumerable = true) => {
  if ((list.length - from) % 2 !== 0) failDecoding('a key without a value')
  for (let index = from; index < list.length; index += 2) {
    const key = expectString(list, index)
    if (key === 'length' && ArrayIsArray(target)) failDecoding('bad key')
    defineOwn(target, key, readCell(reader, list[index + 1]), enumerable)
  }
}

/** Assigns, which is five times faster than defining, where nothing on `Object.prototype` can be in the way.
 * @param {Reader} reader @param {Record<string, unknown>} target @param {readonly unknown[]} row */
const fillPlain = (reader, target, row) => {
  if (row.length % 2 !== 1) failDecoding('a key without a value')
  for (let index = 1; index < row.length; index += 2) {
    const key = expectString(row, index)
    const value = readCell(reader, row[index + 1])
    if (ObjectHasOwn(ObjectPrototype, key)) defineOwn(target, key, value)
    else target[key] = value
  }
}

/** Fills an array while it has no prototype whose setters could be in the way, then gives it its own.
 * @param {Reader} reader @param {unknown[]} target @param {readonly unknown[]} row */
const fillArray = (reader, target, row) => {
  for (let index = 1; index < row.length; index++) target[index - 1] = readCell(reader, row[index])
  ObjectSetPrototypeOf(target, ArrayPrototype)
}

/** @param {Reader} reader @param {object} error @param {readonly unknown[]} row */
const fillError = (reader, error, row) => {
  fillProperties(reader, error, expectList(row.length > 2 ? row[2] : undefined), 0, false)
  fillProperties(reader, error, row, 3)
  const stack = ObjectHasOwn(error, 'stack') ? ReflectGet(error, 'stack') : ''
  if (stack !== undefined) return
  const name = ObjectHasOwn(error, 'name') ? ReflectGet(error, 'name') : row[1]
  const message = ObjectHasOwn(error, 'message') ? ReflectGet(error, 'message') : ''
  if (typeof name !== 'string' || typeof message !== 'string') return
  defineOwn(error, 'stack', message === '' ? name : `${name}: ${message}`, false)
}

/** @param {Reader} reader @param {object} shell @param {readonly unknown[]} row */
const fillShell = (reader, shell, row) => {
  const tag = row[0]
  if (tag === 'O') fillPlain(reader, /** @type {Record<string, unknown>} */ (shell), row)
  else if (tag === 'X') fillProperties(reader, shell, row, 2)
  else if (tag === 'E') fillError(reader, shell, row)
  else if (tag === 'A') fillArray(reader, /** @type {unknown[]} */ (shell), row)
  else if (tag === 'S') {
    for (let index = 1; index < row.length; index++) SetPrototypeAdd(shell, readCell(reader, row[index]))
  } else if (tag === 'M') {
    if (row.length % 2 !== 1) failDecoding('a key without a value')
    for (let index = 1; index < row.length; index += 2) {
      MapPrototypeSet(shell, readCell(reader, row[index]), readCell(reader, row[index + 1]))
    }
  }
}

/** The value of a text in table form.
 * @param {string} text @returns {unknown} */
const decodeTable = (text) => {
  const table = expectList(parseJson(text))
  if (table.length !== 2) return failDecoding('expected a table')
  const cells = expectList(table[0])
  if (cells.length === 0) return failDecoding('expected a table')
  /** @type {Reader} */
  const reader = {
    cells,
    shells: createList(),
    patterns: MAX_UNICODE_PATTERNS,
    holes: MAX_HOLES,
    buffers: readBuffers(expectList(table[1])),
  }
  reader.shells[0] = cells
  for (let index = 1; index < cells.length; index++) reader.shells[index] = createShell(reader, cells[index])
  for (let index = 1; index < cells.length; index++) {
    fillShell(reader, /** @type {object} */ (reader.shells[index]), expectList(cells[index]))
  }
  return readCell(reader, cells[0])
}
