/**
 * Host functions as guests see them. Arguments and results are encoded texts; what is called is named by
 * `module/function`, which the host looks up in a `Map` and nowhere else.
 *
 * @typedef {{ resolve: (answer: string) => void }} PendingCall
 */

/** @type {((name: string, args: string) => string) | undefined} */
let carrySyncCall
let hostModules = new MapCtor()
let pendingCalls = new MapCtor()
let lastHostCall = 0

/** Longer arguments than this many characters are refused before they are built. */
const MAX_ARGUMENTS = 4 * 1024 * 1024

/** @param {readonly (readonly [string, boolean])[]} functions */
const installHostModules = (functions) => {
  hostModules = new MapCtor()
  for (let i = 0; i < functions.length; i += 1) {
    const name = functions[i][0]
    const slash = StringPrototypeIndexOf(name, '/')
    const moduleName = StringPrototypeSlice(name, 0, slash)
    let namespace = MapPrototypeGet(hostModules, moduleName)
    if (namespace === undefined) {
      namespace = createNamespace()
      MapPrototypeSet(hostModules, moduleName, namespace)
    }
    const callable = functions[i][1] ? syncHostFunction(name) : asyncHostFunction(name)
    defineOwn(namespace, StringPrototypeSlice(name, slash + 1), callable)
  }
}

/** @param {string} name */
const hostNamespace = (name) => MapPrototypeGet(hostModules, name)

/** @param {string} name */
const asyncHostFunction = (name) => {
  const call = (/** @type {unknown[]} */ ...args) => {
    countHostCall()
    return answerOf(callHost(name, () => encodeData(args, MAX_ARGUMENTS)))
  }
  return nameFunction(call, name)
}

/** @param {string} name @param {() => string} write makes the text; what it throws rejects
 * @returns {Promise<string>} */
const callHost = (name, write) =>
  new PromiseCtor((resolve) => {
    const text = write()
    lastHostCall += 1
    MapPrototypeSet(pendingCalls, lastHostCall, { resolve })
    emit('H', lastHostCall, `${name}\n${text}`)
  })

/** Makes the host's errors only where the guest goes on, so that their stacks lead through those who await the answer.
 * @param {Promise<string>} pending */
const answerOf = async (pending) => readAnswer(await pending)

/** @param {string} name */
const syncHostFunction = (name) => {
  const call = (/** @type {unknown[]} */ ...args) => {
    const text = encodeData(args, MAX_ARGUMENTS)
    countHostCall()
    return readAnswer(askHost(name, text))
  }
  return nameFunction(call, name)
}

/**
 * ATTACK: recurse until the stack is nearly full, then call a host function, and catch what the host's own frames
 * throw. Its class would be the host's RangeError and `error.constructor.constructor('return process')()` the host.
 * So nothing the host throws is ever bound here: an error of this realm is thrown in its place.
 *
 * @param {string} name
 * @param {string} text
 */
const askHost = (name, text) => {
  if (carrySyncCall === undefined) throw new TypeErrorCtor(`Cannot call "${name}": it is not available here`)
  /** @type {unknown} */
  let answer
  try {
    answer = carrySyncCall(name, text)
  } catch {
    // See above: whatever it was, it stays on the other side.
    answer = undefined
  }
  advanceClock()
  if (typeof answer !== 'string') throw new ErrorCtor(`Cannot call "${name}": the host gave no answer`)
  return answer
}

/** @param {string} answer */
const readAnswer = (answer) => {
  const text = StringPrototypeSlice(answer, 1)
  if (StringPrototypeStartsWith(answer, '1')) return decodeData(text)
  throw hostError(text)
}

/** @param {string} text name, code and message, parted by line breaks */
const hostError = (text) => {
  const split = StringPrototypeIndexOf(text, '\n')
  const name = StringPrototypeSlice(text, 0, split < 0 ? 0 : split)
  const rest = StringPrototypeSlice(text, split + 1)
  const end = StringPrototypeIndexOf(rest, '\n')
  const code = StringPrototypeSlice(rest, 0, end < 0 ? 0 : end)
  const error = errorNamed(name, StringPrototypeSlice(rest, end + 1))
  if (code !== '') defineOwn(error, 'code', code, true)
  return error
}

/** @param {string} name @param {string} message */
const errorNamed = (name, message) => {
  if (name === 'TypeError') return new TypeErrorCtor(message)
  if (name === 'RangeError') return new RangeErrorCtor(message)
  const error = new ErrorCtor(message)
  if (name !== '' && name !== 'Error') defineOwn(error, 'name', name, false)
  return error
}

/** @param {number} id @param {boolean} ok @param {string} text */
const settleHostCall = (id, ok, text) => {
  const pending = MapPrototypeGet(pendingCalls, id)
  if (pending === undefined) return
  MapPrototypeDelete(pendingCalls, id)
  pending.resolve(`${ok ? '1' : '0'}${text}`)
}

/** @param {Function} callable @param {string} name */
const nameFunction = (callable, name) => {
  const short = StringPrototypeSlice(name, StringPrototypeIndexOf(name, '/') + 1)
  return ObjectDefineProperty(
    callable,
    'name',
    /** @type {PropertyDescriptor} */ ({ __proto__: null, value: short, configurable: true }),
  )
}
