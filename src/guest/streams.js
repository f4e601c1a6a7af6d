/** Results that leave the guest chunk by chunk, each as a call of a host function that answers whether more is wanted. */

/** Before the name of an export whose call does so. No export has such a name: the host refuses control characters in those. */
const STREAM = '\0stream:'
const STREAM_PUT = 'ringfence:stream/put'
/** After that, before the name of an export whose input is read item by item. */
const INPUT = '\0input:'
const STREAM_TAKE = 'ringfence:stream/take'

/** Whether the call under way does so. */
let isStreaming = false
/** How many characters its chunks have so far. */
let streamedLength = 0

/** Closing what the guest iterates over, when no more is wanted or a chunk cannot leave, is part of the loop.
 * @param {any} result */
const streamResult = async (result) => {
  /** @type {unknown} What a generator returns at its end. */
  let last
  const chunks = async function* () {
    last = yield* result
  }
  try {
    expectIterable(result)
    for await (const chunk of chunks()) {
      const wantsMore = await answerOf(callHost(STREAM_PUT, () => writeChunk(chunk)))
      if (wantsMore !== true) break
    }
    returnFromCall(last)
  } catch (error) {
    failCall(error)
  }
}

/** @param {unknown} chunk */
const writeChunk = (chunk) => {
  if (callState !== 'running') throw new ErrorCtor('Cannot give a chunk: no call is under way')
  try {
    const text = encodeData(chunk, limits.outputBytes - streamedLength)
    streamedLength += text.length
    if (streamedLength <= limits.outputBytes) return text
  } catch (error) {
    if (!isTooLarge(error)) throw error
  }
  return reachLimit('outputBytes')
}

/** A text is no stream of its characters. @param {any} value */
const isIterable = (value) => {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false
  return typeof value[SymbolAsyncIterator] === 'function' || typeof value[SymbolIterator] === 'function'
}

/** What gives its items once, as generators and streams do; lists and maps are data, whatever is in them. @param {any} value */
const isStream = (value) =>
  isIterable(value) && (typeof value[SymbolAsyncIterator] === 'function' || typeof value.next === 'function')

/** What is wrong with a result that only a stream can carry. */
const notStreamed = () =>
  new DataCloneError('Cannot clone value: it is an iterable, which broker.stream reads chunk by chunk')

/** @param {unknown} result */
const expectIterable = (result) => {
  if (isIterable(result)) return
  const kind = result === null ? 'null' : typeof result
  throw new TypeErrorCtor(`Cannot stream the result: it must be an iterable or async iterable object, received ${kind}`)
}

/** What a guest is given to read item by item: each is asked for when the guest wants it. */
const readInput = async function* () {
  for (;;) {
    if (callState !== 'running') throw new ErrorCtor('Cannot take an item of the input: no call is under way')
    const item = /** @type {any} */ (await answerOf(callHost(STREAM_TAKE, () => 'Jnull')))
    if (item[0] === true) return
    yield item[1]
  }
}
