// What is said of a value that is not data: what it is, and where.

/** How an object was reached, for error messages: a property, an index, or an entry of a map or set.
 * @typedef {string | number | { entry: string }} Step */
/** @typedef {{ value: object, parent: Row | undefined, step: Step | undefined, next: Row | undefined }} Row */

const IDENTIFIER = /^[A-Za-z_$][\w$]{0,99}$/

/** @param {Step} step */
const stepText = (step) => {
  if (typeof step === 'number') return `[${step}]`
  if (typeof step === 'object') return step.entry
  if (RegExpPrototypeExec(IDENTIFIER, step) !== null) return `.${step}`
  return `[${JSONStringify(step.length > 100 ? `${StringPrototypeSlice(step, 0, 100)}…` : step)}]`
}

/** Throws what says which value is not data, and where it is.
 * @param {string} what @param {Row | undefined} parent @param {Step | undefined} step
 * @returns {never} */
const refuse = (what, parent, step) => {
  let path = ''
  let depth = 0
  for (let row = parent, at = step; at !== undefined && row !== undefined; at = row.step, row = row.parent) {
    path = stepText(at) + path
    if (++depth > 16) {
      path = `…${path}`
      break
    }
  }
  if (path[0] === '.') path = StringPrototypeSlice(path, 1)
  throw new DataCloneError(`Cannot clone value: ${path === '' ? 'it' : JSONStringify(path)} is ${what}`)
}
