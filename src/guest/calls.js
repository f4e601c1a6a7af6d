/** How a call finds its way into the program, and its answer out of it. */

/** @param {string} exportName @param {string} inputText */
const startCall = (exportName, inputText) => {
  callState = 'running'
  forgetFormatted()
  startClock()
  loggedBytes = 0
  hostCallCount = 0
  streamedLength = 0
  isStreaming = StringPrototypeStartsWith(exportName, STREAM)
  const target = isStreaming ? StringPrototypeSlice(exportName, STREAM.length) : exportName
  const readsInput = StringPrototypeStartsWith(target, INPUT)
  const wanted = readsInput ? StringPrototypeSlice(target, INPUT.length) : target
  const entry = programTable === undefined ? undefined : recordOf(programTable.entry)
  if (entry === undefined) {
    failCall(new ErrorCtor('Cannot run program: it has no entry'))
    return
  }
  try {
    const input = readsInput ? readInput() : decodeData(inputText)
    if (wanted === EVALUATE && limits.evaluates === true) {
      void evaluateText(entry, /** @type {string} */ (input))
      return
    }
    if (startHandOver(entry, wanted, input)) return
    if (entry.text.kind === 'script') settleWith(runScript(entry, input))
    else if (entry.state === 'done') settleWith(callExport(entry, wanted, input))
    else void loadAndCall(entry, wanted, input)
  } catch (error) {
    failCall(error)
  }
}

/** @param {ModuleRecord} entry @param {string} exportName @param {unknown} input */
const loadAndCall = async (entry, exportName, input) => {
  try {
    await evaluateModule(entry, undefined)
    answerCall(await callExport(entry, exportName, input))
  } catch (error) {
    failCall(error)
  }
}

/** @param {ModuleRecord} entry @param {unknown} input */
const runScript = (entry, input) => {
  const load = async (/** @type {unknown} */ specifier) =>
    importModule(resolveSpecifier(entry, specifier), undefined, entry.name)
  return ReflectApply(entry.text.run, undefined, [input, load])
}

/** @param {ModuleRecord} entry @param {string} exportName @param {unknown} input */
const callExport = (entry, exportName, input) => {
  if (!ObjectHasOwn(entry.exports, exportName)) throw new TypeErrorCtor(noSuchExport(entry, exportName))
  const exported = entry.exports[exportName]
  return typeof exported === 'function' ? ReflectApply(exported, undefined, [input]) : exported
}

/** @param {ModuleRecord} entry @param {string} exportName */
const noSuchExport = (entry, exportName) => {
  const names = ObjectKeys(entry.exports)
  const has = names.length === 0 ? 'nothing' : `"${ArrayPrototypeJoin(names, '", "')}"`
  return `Cannot call export "${exportName}": "${entry.name}" exports ${has}`
}

/** @param {unknown} value */
const answerCall = (value) => {
  if (isStreaming) void streamResult(value)
  else returnFromCall(value)
}

/** Settles at once with plain values, and later with promises and other thenables.
 * @param {unknown} value */
const settleWith = (value) => {
  const mayWait = (typeof value === 'object' && value !== null) || typeof value === 'function'
  if (mayWait && typeof (/** @type {any} */ (value).then) === 'function') void settleLater(value)
  else answerCall(value)
}

/** @param {unknown} value */
const settleLater = async (value) => {
  try {
    answerCall(await value)
  } catch (error) {
    failCall(error)
  }
}
