import type { RunOptions } from '../../src/index.ts'
import type { Attack } from './attack.ts'

/**
 * What every guest of the corpus begins with, taken before it poisons anything:
 * - `leak(value, how)` reports a value that is not of this realm, leads to a `Function` that compiles, or is text of the host's;
 * - `attempt(run, how)` looks so at what comes of a function: its result, what that resolves to, and what it throws;
 * - `spy(target, how)` is a proxy that looks so at whatever its traps are given;
 * - `note(text)` reports by itself. A report that is not empty is an escape.
 */
const PRELUDE = String.raw`
let report = ''
const note = (text) => { report += text + '\n' }
const { getPrototypeOf, getOwnPropertyDescriptor } = Object
const { ownKeys } = Reflect
const bindCall = Function.prototype.bind.bind(Function.prototype.call)
const textOf = String
const indexOf = bindCall(String.prototype.indexOf)
const seen = new WeakSet()
const hasSeen = bindCall(WeakSet.prototype.has)
const addSeen = bindCall(WeakSet.prototype.add)
const ROOTS = Object.setPrototypeOf([Object, Array, Function, Promise, Error].map((kind) => kind.prototype), null)
const MARKS = Object.setPrototypeOf(
  ['node:internal', 'node:vm', '/src/broker', '/src/tiers', '/src/guest', 'node_modules', 'guest:kernel', 'kernel_', 'host-canary'], null)
const isRoot = (value) => {
  for (let i = 0; i < 5; i++) if (ROOTS[i] === value) return true
  return false
}
const scan = (text, how) => {
  for (let i = 0; i < 9; i++) if (indexOf(text, MARKS[i]) >= 0) note(how + ' tells ' + MARKS[i])
}
const compile = (value, how, depth) => {
  try {
    const host = value.constructor.constructor('return process')()
    if (host?.pid !== undefined) note(how + ' ESCAPED')
  } catch (error) {
    if (depth < 2) leak(error, how + ' refusal', depth + 2)
  }
}
const leak = (value, how = 'a value', depth = 0) => {
  if (typeof value === 'string') return scan(value, how)
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || hasSeen(seen, value)) return
  addSeen(seen, value)
  let at = value
  try {
    for (let next = getPrototypeOf(at); next !== null; next = getPrototypeOf(at)) at = next
  } catch { return }
  if (at !== value && !isRoot(at)) note(how + ' is foreign')
  compile(value, how, depth)
  if (depth > 2) return
  leak(getPrototypeOf(value), how + '.__proto__', depth + 1)
  const keys = ownKeys(value)
  for (let i = 0; i < keys.length && i < 50; i++) {
    const held = getOwnPropertyDescriptor(value, keys[i])
    if (held === undefined) continue
    const name = how + '.' + textOf(keys[i])
    leak(held.value, name, depth + 1)
    leak(held.get, name, depth + 1)
    leak(held.set, name, depth + 1)
  }
}
const spy = (target, how) => new Proxy(target, new Proxy({}, {
  get: (_, trap) => (...args) => {
    for (let i = 0; i < args.length; i++) leak(args[i], how + ' ' + trap)
    return Reflect[trap](...args)
  },
}))
const attempt = async (run, how = 'an attempt') => {
  try {
    const result = run()
    leak(result, how)
    const settled = await result
    leak(settled, how + ' settled')
    return settled
  } catch (error) {
    leak(error, how + ' error')
    return error
  }
}
`

/** The program of an attack, and how it is to be run. */
export const programOf = ({ code, as, options }: Attack): { readonly source: string; readonly options: RunOptions } => {
  if (as === 'program') return { source: code, options: options ?? {} }
  if (as === 'sloppy') {
    const source = `${PRELUDE};(async function (input) {\n${code}\n;return report\n})(input)`
    return { source, options: { kind: 'script', filename: 'attack.js', ...options } }
  }
  const source = `${PRELUDE}\nexport default async function (input) {\n${code}\n;return report\n}`
  return { source, options: { kind: 'module', filename: 'attack.js', ...options } }
}
