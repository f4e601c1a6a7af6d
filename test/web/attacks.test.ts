import { parseSync, Visitor } from 'oxc-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WEB_NAMES } from '../../src/web/names.ts'
import { webText } from '../../src/web/web-text.ts'
import { openScene, type Scene, VARIANTS } from '../contract/scene.ts'

const NAMES = JSON.stringify([...WEB_NAMES.keys()])

/** Replaces what the libraries use by something that keeps what it is given, and touches everything. */
const POISONED = `
  const loot = []
  const keep = (value) => { if (typeof value === 'function' || (typeof value === 'object' && value !== null)) loot[loot.length] = value }
  for (const [holder, name] of [
    [Object, 'defineProperty'], [Object, 'getOwnPropertyDescriptor'], [Object, 'create'], [Object, 'freeze'], [Object, 'keys'],
    [Reflect, 'apply'], [Reflect, 'construct'], [Reflect, 'ownKeys'], [Reflect, 'get'], [Object, 'setPrototypeOf'],
    [Function.prototype, 'call'], [Function.prototype, 'bind'], [Function.prototype, 'apply'],
    [Array.prototype, 'push'], [Array.prototype, 'map'], [Array.prototype, Symbol.iterator], [Map.prototype, 'set'],
    [WeakMap.prototype, 'set'], [Promise.prototype, 'then'], [String.prototype, 'replace'],
  ]) {
    const native = holder[name]
    holder[name] = function (...args) {
      keep(this)
      for (let i = 0; i < args.length; i += 1) keep(args[i])
      return native.length > 5 ? undefined : Original.apply(native, this, args)
    }
  }
  let failures = 0
  for (const name of ${NAMES}) {
    try {
      const value = globalThis[name]
      keep(value)
      try { keep(new value('gzip', 'http://a/')) } catch {}
    } catch { failures += 1 }
  }`

/** The functions reachable from the loot that inherit from another realm's objects; every constructor is one. */
const STRANGERS = `
  const strangers = (from) => {
    const seen = new Set()
    const queue = [...from]
    const found = []
    while (queue.length > 0 && seen.size < 20000) {
      const value = queue.pop()
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue
      seen.add(value)
      let last = value
      while (Object.getPrototypeOf(last) !== null) last = Object.getPrototypeOf(last)
      if (typeof value === 'function' && last !== Object.prototype) found.push(value.name)
      queue.push(Object.getPrototypeOf(value))
      for (const key of Reflect.ownKeys(value)) {
        const { value: own, get, set } = Object.getOwnPropertyDescriptor(value, key)
        queue.push(own, get, set)
      }
    }
    return [...new Set(found)]
  }`

describe.each(VARIANTS)('guests that attack the web platform in %s', (variant) => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene(variant)
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  it('reach no object of another realm through it', async () => {
    const { outcome } = await scene.run(`${STRANGERS}
      export default () => strangers(${NAMES}.map((name) => globalThis[name]))`)
    expect(outcome).toEqual({ kind: 'returned', value: [] })
  })

  it('catch nothing but what they have when they poison what it uses, and spoil their own realm alone', async () => {
    const { outcome } = await scene.run(`
      const Original = { apply: Reflect.apply }
      ${STRANGERS}
      const natural = { ...Object.getOwnPropertyDescriptors(Object), iterator: Array.prototype[Symbol.iterator] }
      export default () => {
        ${POISONED}
        Object.defineProperty = natural.defineProperty.value
        Object.getOwnPropertyDescriptor = natural.getOwnPropertyDescriptor.value
        Array.prototype[Symbol.iterator] = natural.iterator
        const caught = [loot.length > 100, strangers(loot)]
        for (const key of ['get', 'set', 'value', 'names', 'run', 'exports', 'body', 'kind', 'refused']) Object.prototype[key] = undefined
        let late = 'touched'
        try { new TextDecoder('utf-16le') } catch { late = 'spoiled' }
        try { structuredClone(() => 1) } catch {}
        return { caught, late: typeof late, list: [1, new Map([[2, { x: 3 }]])] }
      }`)
    const value = { caught: [true, []], late: 'string', list: [1, new Map([[2, { x: 3 }]])] }
    expect(outcome).toEqual({ kind: 'returned', value })
    const next = await scene.run(`export default () => new URL('a', 'http://b/').href`)
    expect(next.outcome).toEqual({ kind: 'returned', value: 'http://b/a' })
  })

  it('change nothing by an accessor that they kept', async () => {
    const { outcome } = await scene.run(`export default () => {
      const { get, set } = Object.getOwnPropertyDescriptor(globalThis, 'URL')
      globalThis.URL = 'mine'
      get()
      const kept = globalThis.URL
      set.call(null, 'again')
      const frozen = Object.getOwnPropertyDescriptor(globalThis, 'Blob')
      Object.defineProperty(globalThis, 'Blob', { ...frozen, configurable: false })
      return [kept, globalThis.URL, typeof Blob, typeof Blob, delete globalThis.URL]
    }`)
    expect(outcome).toEqual({ kind: 'returned', value: ['mine', 'again', 'function', 'function', true] })
  })

  it('may touch it where the stack is all but used up, and again later', async () => {
    const { outcome } = await scene.run(`export default () => {
      const failures = new Set()
      const touches = [() => new URL('a:b'), () => new AbortController(), () => new ReadableStream()]
      const dive = () => {
        try { dive() } catch {}
        for (let i = 0; i < touches.length; i += 1) {
          try { touches[i]() } catch (error) { failures.add(error instanceof Error) }
        }
      }
      try { dive() } catch {}
      return [[...failures], new URL('a:b').href, new AbortController().signal.aborted, new ReadableStream().locked]
    }`)
    expect(outcome).toEqual({ kind: 'returned', value: [[true], 'a:b', false, false] })
  })

  it('fill their own memory with what they decompress, and no more', async () => {
    const source = `export default async () => {
      const zeros = new Blob([new Uint8Array(2 ** 20)])
      const bomb = await collect(zeros.stream().pipeThrough(new CompressionStream('gzip')))
      const kept = []
      for (let i = 0; i < 1000; i += 1) kept.push(await collect(bomb.stream().pipeThrough(new DecompressionStream('gzip'))))
      return kept.length
    }
    const collect = async (stream) => {
      const parts = []
      for await (const part of stream) parts.push(part)
      return new Blob(parts)
    }`
    const { outcome } = await scene.run(source, { limits: { memoryBytes: 32 * 2 ** 20, wallMs: 5000, cpuMs: 5000 } })
    // Where the engine refuses a buffer first, that is an error in the guest.
    const ended = outcome.kind === 'threw' ? outcome.error.name : outcome.kind
    expect(['exceeded', 'RangeError']).toContain(ended)
    const next = await scene.run(`export default () => new Blob(['a']).size`)
    expect(next.outcome).toEqual({ kind: 'returned', value: 1 })
  })

  it('start no more timers than others by sending messages', async () => {
    const { outcome } = await scene.run(`export default async () => {
      const { port1, port2 } = new MessageChannel()
      let got = 0
      port2.onmessage = () => { got += 1 }
      for (let i = 0; i < 20000; i += 1) port1.postMessage(i)
      await new Promise((done) => setTimeout(done, 5))
      port2.close()
      return got > 0
    }`)
    expect(outcome).toEqual({ kind: 'returned', value: true })
  })
})

describe('the text of the web platform', () => {
  it('holds no import, by which it would reach the loader of a host', async () => {
    const { program, errors } = parseSync('web.js', await webText(), { sourceType: 'script' })
    expect(errors).toEqual([])
    const found: string[] = []
    new Visitor({
      ImportExpression: () => found.push('import'),
      MetaProperty: ({ meta }) => found.push(...(meta.name === 'import' ? ['import.meta'] : [])),
      WithStatement: () => found.push('with'),
    }).visit(program)
    expect(found).toEqual([])
  })

  it('names no file of the host', async () => {
    expect(await webText()).not.toMatch(/node_modules|src\/web|\.cjs/)
  })
})
