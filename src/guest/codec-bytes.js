// Buffers and views in the codec's table. Buffers are written last, when it is known which of their bytes are needed.

/** The bytes of a buffer, to be written at the end.
 * @param {Writer} writer @param {object} buffer
 * @returns {Bytes} */
const bytesOf = (writer, buffer) => {
  const known = MapPrototypeGet(writer.bytes, buffer)
  if (known !== undefined) return known
  const index = /** @type {number} */ (MapPrototypeGetSize(writer.bytes))
  /** @type {Bytes} */
  const bytes = { buffer, whole: !writer.discreet, start: 0, end: 0, views: undefined, next: undefined, index }
  MapPrototypeSet(writer.bytes, buffer, bytes)
  if (writer.lastBytes === undefined) writer.firstBytes = bytes
  else writer.lastBytes.next = bytes
  writer.lastBytes = bytes
  return bytes
}

/** @param {Writer} writer @param {Row} row */
const putBuffer = (writer, row) => {
  if (ArrayBufferPrototypeGetDetached(row.value)) refuse('a detached ArrayBuffer', row.parent, row.step)
  const bytes = bytesOf(writer, row.value)
  bytes.whole = true
  put(writer, `["b",${bytes.index}`)
}

/** @param {Writer} writer @param {Row} row */
const putView = (writer, row) => {
  const view = row.value
  const tag = /** @type {string | undefined} */ (TypedArrayPrototypeGetTag(view))
  const buffer = /** @type {object} */ (
    tag === undefined ? DataViewPrototypeGetBuffer(view) : TypedArrayPrototypeGetBuffer(view)
  )
  if (!passes(ArrayBufferPrototypeGetByteLength, buffer)) refuse('a view of a SharedArrayBuffer', row.parent, row.step)
  if (ArrayBufferPrototypeGetDetached(buffer)) refuse('a view of a detached ArrayBuffer', row.parent, row.step)
  if (tag === undefined && !passes(DataViewPrototypeGetByteLength, view)) {
    refuse('a view out of the bounds of its ArrayBuffer', row.parent, row.step)
  }
  const getOffset = tag === undefined ? DataViewPrototypeGetByteOffset : TypedArrayPrototypeGetByteOffset
  const getBytes = tag === undefined ? DataViewPrototypeGetByteLength : TypedArrayPrototypeGetByteLength
  const start = /** @type {number} */ (getOffset(view))
  const length = /** @type {number} */ (getBytes(view))
  const bytes = bytesOf(writer, buffer)
  // A window starts where views of any element size are aligned.
  const from = start - (start % 8)
  if (bytes.views === undefined || from < bytes.start) bytes.start = from
  bytes.end = MathMax(bytes.end, start + length)
  bytes.views = { start, length, next: bytes.views }
  const count = tag === undefined ? length : TypedArrayPrototypeGetLength(view)
  put(writer, `["V","${tag ?? 'DataView'}",${bytes.index},${start},${count}`)
}

/** Writes bytes as base64 once it is known that they fit.
 * @param {Writer} writer @param {Uint8Array} bytes */
const putBase64 = (writer, bytes) => {
  const length = /** @type {number} */ (TypedArrayPrototypeGetLength(bytes))
  if ((length / 3) * 4 > writer.left) throw new OutputTooLarge(writer.maxLength)
  put(writer, `"${encodeBase64(bytes)}"`)
}

/** Writes the part of a buffer that its views cover, and zeros between them.
 *
 * ATTACK: none of the guest's own; the host passes `Buffer.from('abc')`, a view of a pool that also holds its secrets.
 * Sent whole, as structured clone does, the guest would read the pool.
 * @param {Writer} writer @param {Bytes} bytes */
const putWindow = (writer, bytes) => {
  if (bytes.end - bytes.start > writer.left) throw new OutputTooLarge(writer.maxLength)
  const copy = new Uint8ArrayCtor(bytes.end - bytes.start)
  for (let view = bytes.views; view !== undefined; view = view.next) {
    const shown = new Uint8ArrayCtor(/** @type {ArrayBuffer} */ (bytes.buffer), view.start, view.length)
    TypedArrayPrototypeSet(copy, shown, view.start - bytes.start)
  }
  put(writer, '[')
  putBase64(writer, copy)
  put(writer, `,${bytes.start}]`)
}

/** Writes all buffers met.
 * @param {Writer} writer */
const putBytes = (writer) => {
  for (let bytes = writer.firstBytes; bytes !== undefined; bytes = bytes.next) {
    if (bytes.index > 0) put(writer, ',')
    if (bytes.whole) putBase64(writer, new Uint8ArrayCtor(/** @type {ArrayBuffer} */ (bytes.buffer)))
    else putWindow(writer, bytes)
  }
}

/** The constructors of views in this realm, by name.
 * @type {Map<string, new (buffer: ArrayBuffer, offset: number, length: number) => object>} */
const viewConstructors = new MapCtor()

{
  // Runs once, before any guest code: the language's own iteration is still safe here.
  const integers = 'Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array'
  const others = 'BigInt64Array BigUint64Array Float16Array Float32Array Float64Array DataView'
  for (const name of `${integers} ${others}`.split(' ')) {
    const constructor = Reflect.get(globalThis, name)
    if (constructor !== undefined) viewConstructors.set(name, constructor)
  }
}

/** The buffers of a table's second list.
 * @param {readonly unknown[]} list */
const readBuffers = (list) => {
  /** @type {{ buffer: ArrayBuffer, start: number }[]} */
  const buffers = createList()
  for (let index = 0; index < list.length; index++) {
    const entry = list[index]
    const text = typeof entry === 'string' ? entry : expectString(expectList(entry), 0)
    const start = typeof entry === 'string' ? 0 : expectIndex(expectList(entry), 1, 2 ** 53)
    const buffer = /** @type {ArrayBuffer} */ (TypedArrayPrototypeGetBuffer(decodeBase64(text)))
    buffers[index] = { buffer, start }
  }
  return buffers
}
