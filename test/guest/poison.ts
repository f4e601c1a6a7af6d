/**
 * Replaces everything a guest can reach by functions that note their call in `poisoned` and throw, then deletes all
 * globals. What runs afterwards and looks anything up is found out.
 */
export const poison: string = `
globalThis.poisoned = Object.setPrototypeOf([], null)
{
  const world = globalThis
  const note = (name) => function () { poisoned[poisoned.length] = name; throw 'poisoned ' + name }
  const define = Object.defineProperty
  const own = Reflect.ownKeys
  const describe = Object.getOwnPropertyDescriptor
  const text = String
  const accessor = (name) => ({ __proto__: null, get: note('get ' + name), set: note('set ' + name), configurable: true })
  const holders = []
  const names = own(globalThis)
  const kept = ['guest', 'poisoned', 'globalThis']
  const prototypeOf = Object.getPrototypeOf
  for (const name of names) {
    const value = describe(globalThis, name).value
    if (kept.includes(name) || (typeof value !== 'object' && typeof value !== 'function') || value === null) continue
    holders.push([name, value])
    if (typeof value === 'function' && value.prototype) holders.push([name + '.prototype', value.prototype])
  }
  for (const iterator of [[].values(), new Map().values(), new Set().values(), ''[Symbol.iterator](), (function* () {})()]) {
    holders.push(['iterator', prototypeOf(iterator)])
  }
  holders.push(['TypedArray', prototypeOf(Uint8Array)], ['TypedArray.prototype', prototypeOf(Uint8Array.prototype)])
  const plan = []
  for (const [name, holder] of holders) {
    for (const key of own(holder)) {
      const descriptor = describe(holder, key)
      // What these hold is no secret and may be shown: names are data.
      if (!descriptor.configurable || ['constructor', 'name', 'length', 'message'].includes(key)) continue
      if (typeof descriptor.value !== 'function' && descriptor.get === undefined) continue
      plan.push([holder, key, name + '.' + text(key), descriptor.get !== undefined])
    }
  }
  const absent = ['get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'then', 'toJSON', 'cause', 'exec', 'maxByteLength',
    'kind', 'next', 'done', 'depth', 'hidden', 'base', 'keys', 'fill', 'parent', 'stack', 'errors', 'views', 'a', 'b', 'left', 'isTree',
    'extra', 'proxy', 'breakLength', 'maxEntries', 'value', 'step', 'entry', 'start', 'buffer', 'open', 'close', 'grouped', 'refused']
  const objectPrototype = Object.prototype
  const arrayPrototype = Array.prototype
  for (let at = 0; at < plan.length; at++) {
    const step = plan[at]
    const value = note(step[2])
    define(step[0], step[1], step[3] ? accessor(step[2]) : { __proto__: null, value, writable: true, configurable: true })
  }
  for (let index = 0; index < 8; index++) define(arrayPrototype, index, accessor('Array.prototype[' + index + ']'))
  for (let at = 0; at < absent.length; at++) define(objectPrototype, absent[at], accessor('Object.prototype.' + absent[at]))
  const enumerable = accessor('an enumerable key')
  enumerable.enumerable = true
  define(objectPrototype, 'enumerableKey', enumerable)
  for (let at = 0; at < names.length; at++) {
    if (names[at] !== kept[0] && names[at] !== kept[1]) delete world[names[at]]
  }
}
`
