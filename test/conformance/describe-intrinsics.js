// A program that tells every intrinsic of its realm: what can be reached from the names it is given, property by property.
// It runs in guests and in a bare realm alike, so it uses the language alone.
export default (names) => {
  const lines = []
  const seen = new Map([[globalThis, 'globalThis']])
  const queue = []
  const tell = (value, path) => {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'function') {
      return typeof value === 'symbol' ? String(value) : `${typeof value} ${Object.is(value, -0) ? '-0' : value}`
    }
    if (!seen.has(value)) {
      seen.set(value, path)
      queue.push([value, path])
    }
    return `→ ${seen.get(value)}`
  }
  const flagsOf = (descriptor) =>
    ['writable', 'enumerable', 'configurable'].map((flag) => (descriptor[flag] ? flag[0] : '-')).join('')
  const tellProperty = (path, key, descriptor) => {
    const at = `${path}.${String(key)}`
    const parts = 'value' in descriptor ? ['value'] : ['get', 'set']
    for (const part of parts) {
      const place = part === 'value' ? at : `${at} (${part})`
      lines.push(`${place}: ${flagsOf(descriptor)} ${tell(descriptor[part], place)}`)
    }
  }
  const describe = ([value, path]) => {
    if (typeof value === 'function') lines.push(`${path}: callable${isConstructor(value) ? ', constructor' : ''}`)
    lines.push(`${path}: ${Object.isExtensible(value) ? '' : 'not '}extensible`)
    lines.push(`${path}.[[Prototype]]: ${tell(Object.getPrototypeOf(value), `${path}.[[Prototype]]`)}`)
    for (const key of Reflect.ownKeys(value).sort((a, b) => (String(a) < String(b) ? -1 : 1))) {
      tellProperty(path, key, Object.getOwnPropertyDescriptor(value, key))
    }
  }
  const isConstructor = (value) => {
    try {
      Reflect.construct(Object, [], value)
      return true
    } catch {
      return false
    }
  }
  for (const name of names) {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name)
    if (descriptor !== undefined) tellProperty('globalThis', name, descriptor)
    else lines.push(`globalThis.${name}: absent`)
  }
  for (const [name, value] of hidden()) tell(value, name)
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) describe(next)
  return lines
}

/** What no global leads to. */
const hidden = () => {
  const generator = Object.getPrototypeOf(function* () {})
  const asyncGenerator = Object.getPrototypeOf(async function* () {})
  return [
    ['%AsyncFunction%', Object.getPrototypeOf(async () => {}).constructor],
    ['%GeneratorFunction%', generator.constructor],
    ['%AsyncGeneratorFunction%', asyncGenerator.constructor],
    ['%ArrayIteratorPrototype%', Object.getPrototypeOf([].values())],
    ['%MapIteratorPrototype%', Object.getPrototypeOf(new Map().values())],
    ['%SetIteratorPrototype%', Object.getPrototypeOf(new Set().values())],
    ['%StringIteratorPrototype%', Object.getPrototypeOf(''[Symbol.iterator]())],
    ['%RegExpStringIteratorPrototype%', Object.getPrototypeOf(''.matchAll(/x/g))],
    ['%IteratorHelperPrototype%', Object.getPrototypeOf([].values().map(() => 0))],
    ['%WrapForValidIteratorPrototype%', Object.getPrototypeOf(Iterator.from({ next: () => ({ done: true }) }))],
  ]
}
