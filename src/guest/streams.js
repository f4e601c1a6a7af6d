/** Results that leave the guest chunk by chunk, each as a call of a host function that answers whether more is wanted. */

/** Before the name of an export whose call does so. No export has such a name: the host refuses control characters in those. */
const STREAM = '\0stream:'
const STREAM_PUT = 'ringfence:stream/put'

/** Whether the call under way does so. */
let isStreaming = false
/** How many characters its chunks have so far. */
let streamedLength = 0

/** Closing what the guest iterates over, when no more is wanted or a chunk cannot leave, is part of the loop.
 * @param {any} result */
const streamResult = async (result) => {
  try {
    expectIterable(result)
    for await (const chunk of result) {
      const wantsMore = await answerOf(callHost(STREAM_PUT, () => writeChunk(chunk)))
      if (wantsMore !== true) break
    }
    returnFromCall(undefined)
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

/** A text is no stream of its characters. @param {any} result */
const expectIterable = (result) => {
  const isObject = (typeof result === 'object' && result !== null) || typeof result === 'function'
  if (isObject && (typeof result[SymbolAsyncIterator] === 'function' || typeof result[SymbolIterator] === 'function')) {
    return
  }
  const kind = result === null ? 'null' : typeof result
  throw new TypeErrorCtor(`Cannot stream the result: it must be an iterable or async iterable object, received ${kind}`)
}
