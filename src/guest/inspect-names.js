// What an object is called: its constructor, its tag, its function or class name. Runs no getter of the guest's but
// `Symbol.toStringTag`; the callers are prepared for it to throw.

/** A string that is an object's own data, else undefined.
 * @param {object} holder @param {PropertyKey} key */
const ownString = (holder, key) => {
  const descriptor = ObjectGetOwnPropertyDescriptor(holder, key)
  if (descriptor === undefined || !ObjectHasOwn(descriptor, 'value')) return undefined
  return typeof descriptor.value === 'string' ? clip(descriptor.value, 256) : undefined
}

/** @param {object} value @param {object} prototype */
const hasPrototype = (value, prototype) => {
  let at = ObjectGetPrototypeOf(value)
  for (let depth = 0; at !== null && depth < 100; depth++) {
    if (at === prototype) return true
    at = ObjectGetPrototypeOf(at)
  }
  return false
}

/** The name of the nearest constructor that the value is an instance of; null when it has no prototype.
 * @param {object} value
 * @returns {string | null} */
const constructorName = (value) => {
  let at = value
  for (let depth = 0; at !== null && depth < 100; depth++) {
    const descriptor = ObjectGetOwnPropertyDescriptor(at, 'constructor')
    const constructor = descriptor !== undefined && ObjectHasOwn(descriptor, 'value') ? descriptor.value : undefined
    if (typeof constructor === 'function') {
      const prototype = ObjectGetOwnPropertyDescriptor(constructor, 'prototype')
      const name = ownString(constructor, 'name')
      const shown = prototype !== undefined && ObjectHasOwn(prototype, 'value') ? prototype.value : undefined
      if (name !== undefined && name !== '' && typeof shown === 'object' && hasPrototype(value, shown)) return name
      if (name !== undefined && name !== '' && shown === FunctionPrototype && hasPrototype(value, shown)) return name
    }
    at = ObjectGetPrototypeOf(at)
  }
  return ObjectGetPrototypeOf(value) === null ? null : 'Object <Complex prototype>'
}

/** The tag that is not already visible as a property.
 * @param {object} value */
const tagOf = (value) => {
  const tag = TypedArrayPrototypeGetTag(value) ?? readGuarded(value, SymbolToStringTag)
  if (typeof tag !== 'string' || tag === '' || ObjectPrototypePropertyIsEnumerable(value, SymbolToStringTag)) return ''
  return clip(tag, 256)
}

/** What stands before the braces, with a space behind it.
 * @param {string | null} constructor @param {string} tag @param {string} fallback @param {string} [size] */
const prefixOf = (constructor, tag, fallback, size = '') => {
  if (constructor === null) {
    return tag !== '' && fallback !== tag
      ? `[${fallback}${size}: null prototype] [${tag}] `
      : `[${fallback}${size}: null prototype] `
  }
  return tag !== '' && constructor !== tag ? `${constructor}${size} [${tag}] ` : `${constructor}${size} `
}

/** @param {object} value @param {string | null} constructor @param {string} tag */
const classBase = (value, constructor, tag) => {
  let base = `class ${ownString(value, 'name') || '(anonymous)'}`
  if (constructor !== 'Function' && constructor !== null) base += ` [${constructor}]`
  if (tag !== '' && constructor !== tag) base += ` [${tag}]`
  const parent = ObjectGetPrototypeOf(value)
  if (parent === null) return `[${base} extends [null prototype]]`
  const parentName = ownString(parent, 'name')
  return parentName ? `[${base} extends ${parentName}]` : `[${base}]`
}

/** @param {object} value @param {string | null} constructor @param {string} tag */
const functionBase = (value, constructor, tag) => {
  // The text of a function is its source, which may be long but is there already: only its first characters are read.
  if (passes(FunctionPrototypeToString, value)) {
    const source = FunctionPrototypeToString(value)
    if (RegExpPrototypeExec(/^class[\s{]/, source) !== null) return classBase(value, constructor, tag)
  }
  const known = constructor !== null && RegExpPrototypeExec(/^(?:Async)?(?:Generator)?Function$/, constructor) !== null
  const type = known ? constructor : 'Function'
  const name = ownString(value, 'name')
  let base = `[${type}${constructor === null ? ' (null prototype)' : ''}`
  base += name === undefined || name === '' ? ' (anonymous)]' : `: ${name}]`
  if (constructor !== type && constructor !== null) base += ` ${constructor}`
  if (tag !== '' && constructor !== tag) base += ` [${tag}]`
  return base
}
