/** How one version of a program makes way for the next, which runs in another realm: calls of the host's own. */

/** No export has these names: the host refuses control characters in those. */
const LOAD = '\0load'
const DISPOSE = '\0dispose'
const ACCEPT = '\0accept'

/** @param {ModuleRecord} entry @param {string} name @returns {Function | undefined} */
const exportedFunction = (entry, name) => {
  const exported = ObjectHasOwn(entry.exports, name) ? entry.exports[name] : undefined
  return typeof exported === 'function' ? exported : undefined
}

/** What has not run keeps nothing, and is not run for it.
 * @param {ModuleRecord} entry @returns {Promise<unknown[]>} */
const disposeProgram = async (entry) => {
  const dispose = entry.state === 'done' ? exportedFunction(entry, 'dispose') : undefined
  return dispose === undefined ? [] : [await ReflectApply(dispose, undefined, [])]
}

/** @param {ModuleRecord} entry */
const loadProgram = async (entry) => {
  if (entry.text.kind !== 'script') await evaluateModule(entry, undefined)
  return exportedFunction(entry, 'accept') !== undefined
}

/** What `accept` returns is of no use to anybody, and need not be data.
 * @param {ModuleRecord} entry @param {unknown} state */
const acceptState = async (entry, state) => {
  await loadProgram(entry)
  const accept = exportedFunction(entry, 'accept')
  if (accept !== undefined) await ReflectApply(accept, undefined, [state])
}

/** @param {() => Promise<unknown>} answer */
const answerHost = async (answer) => {
  try {
    returnFromCall(await answer())
  } catch (error) {
    failCall(error)
  }
}

/** Answers a call that is the host's own. Tells whether it was one.
 * @param {ModuleRecord} entry @param {string} exportName @param {unknown} input */
const startHandOver = (entry, exportName, input) => {
  if (exportName === LOAD) void answerHost(() => loadProgram(entry))
  else if (exportName === DISPOSE) void answerHost(() => disposeProgram(entry))
  else if (exportName === ACCEPT) void answerHost(() => acceptState(entry, input))
  else return false
  return true
}
