// Errors in what the console shows: their stack as it is, with the class named and the rest of their properties behind.

/** @param {PropertyKey[]} keys @param {PropertyKey} key */
const removeKey = (keys, key) => {
  let kept = 0
  for (let index = 0; index < keys.length; index++) {
    const at = /** @type {PropertyKey} */ (keys[index])
    if (at !== key) keys[kept++] = at
  }
  keys.length = kept
}

/** @param {PropertyKey[]} keys @param {PropertyKey} key */
const addKey = (keys, key) => {
  removeKey(keys, key)
  keys[keys.length] = key
}

/** Names the class where the stack says only what it extends.
 * @param {string} stack @param {string} name @param {string | null} constructor @param {string} tag */
const nameErrorClass = (stack, name, constructor, tag) => {
  const after = stack[name.length]
  const starts = StringPrototypeStartsWith(stack, name) && (after === undefined || after === ':' || after === '\n')
  if (constructor === null || StringPrototypeSlice(name, -5) !== 'Error' || !starts) return stack
  const prefix = StringPrototypeSlice(prefixOf(constructor, tag, 'Error'), 0, -1)
  if (prefix === name) return stack
  const rest = StringPrototypeSlice(stack, name.length)
  return StringPrototypeIncludes(prefix, name) ? `${prefix}${rest}` : `${prefix} [${name}]${rest}`
}

/** @param {string} text @param {number} indentation */
const indentLines = (text, indentation) => {
  if (indentation === 0 || !StringPrototypeIncludes(text, '\n')) return text
  const spaces = StringPrototypeRepeat(' ', indentation)
  let out = ''
  let from = 0
  for (let at = StringPrototypeIndexOf(text, '\n'); at !== -1; at = StringPrototypeIndexOf(text, '\n', from)) {
    out += StringPrototypeSlice(text, from, at + 1) + spaces
    from = at + 1
  }
  return out + StringPrototypeSlice(text, from)
}

/** What stands for an error, and in `keys` what is left to show of it.
 * @param {Inspection} inspection @param {object} error @param {string | null} constructor @param {string} tag
 * @param {PropertyKey[]} keys */
const errorBase = (inspection, error, constructor, tag, keys) => {
  const name = clippedString(readGuarded(error, 'name'), MAX_ERROR_NAME) ?? 'Error'
  const message = clippedString(readGuarded(error, 'message'), MAX_ERROR_MESSAGE) ?? ''
  const shown = clippedString(readGuarded(error, 'stack'), MAX_ERROR_STACK)
  let stack = shown === undefined || shown === '' ? errorHeader(error) : shown
  if (!inspection.hidden) {
    removeKey(keys, 'stack')
    if (StringPrototypeIncludes(stack, message)) removeKey(keys, 'message')
    if (StringPrototypeIncludes(stack, name)) removeKey(keys, 'name')
    if (ObjectHasOwn(error, 'cause')) addKey(keys, 'cause')
    if (ObjectHasOwn(error, 'errors')) addKey(keys, 'errors')
  }
  stack = nameErrorClass(stack, name, constructor, tag)
  const said = message === '' ? -1 : StringPrototypeIndexOf(stack, message)
  const frames = StringPrototypeIndexOf(stack, '\n    at', said === -1 ? 0 : said + message.length)
  return indentLines(frames === -1 ? `[${stack}]` : stack, inspection.indentation)
}
