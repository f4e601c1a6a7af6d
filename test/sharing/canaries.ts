import { mkdtempSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** What must be found in no output that a tenant may see, by what it is. */
export type Canaries = Readonly<Record<string, string>>

/** Puts secrets where code may come across them, and names the places of the host. */
export function plantCanaries(): Canaries {
  const folder = mkdtempSync(join(tmpdir(), 'canary-folder-'))
  const file = join(folder, 'canary-secret-file')
  writeFileSync(file, 'canary-file-content')
  process.env['CANARY_NAME'] = 'canary-environment-value'
  return {
    'the name of an environment variable': 'CANARY_NAME',
    'the value of an environment variable': 'canary-environment-value',
    'the path of a secret file': file,
    'the folder of a secret file': folder,
    'what is in a secret file': 'canary-file-content',
    'the working directory': process.cwd(),
    'the home directory': `${homedir()}/`,
    'where Node is': dirname(process.execPath),
    'where packages are': 'node_modules',
    'where our sources are': 'src/broker',
    'where our carriers are': 'src/tiers',
    'where our tests are': 'test/sharing',
    'an internal module of Node': 'node:internal',
    'a file address': 'file://',
    "another tenant's name": 'canary-tenant',
    "another tenant's source": 'canary-source',
    "another tenant's function": 'canaryFunction',
    "another tenant's module": 'canary-module',
    "another tenant's file name": 'canary-file-name',
    "another tenant's input": 'canary-input',
    "another tenant's log": 'canary-log',
    "another tenant's result": 'canary-result',
    "another tenant's error": 'canary-error',
  }
}

/** A program of another tenant, full of what nobody else may see. */
export const VICTIM = `import { part } from 'canary-module'
let kept = []
export default function canaryFunction(input) {
  kept.push(input, 'canary-source')
  console.log('canary-log', part)
  if (input.fails) throw new Error('canary-error')
  return 'canary-result'
}`

/**
 * Everything a guest can reach by properties, prototypes and getters, from its globals, from errors of every origin and
 * from functions' texts, as one text; with what fresh memory holds that is not zero.
 */
export const CRAWLER: string = `import * as host from 'host'
const seen = new Set()
const texts = []
const say = (value) => { if (texts.length < 60000) texts.push(String(value)) }
function crawl(value, depth) {
  if (typeof value === 'string' || typeof value === 'symbol') return say(String(value))
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || depth > 9) return
  seen.add(value)
  if (typeof value === 'function') say(Function.prototype.toString.call(value))
  let keys = []
  try { keys = Reflect.ownKeys(value); crawl(Object.getPrototypeOf(value), depth + 1) } catch (error) { crawl(error, depth + 1) }
  for (const key of keys) {
    crawl(key, depth + 1)
    try { crawl(Reflect.get(value, key, value), depth + 1) } catch (error) { crawl(error, depth + 1) }
  }
}
const attempts = [
  () => null.x, () => missing, () => new Array(-1), () => JSON.parse('{'), () => eval('1'), () => Function('1'),
  () => host.fails(), () => host.failsLater(), () => host.wrongly(Symbol()), () => host.answersAFunction(),
  () => structuredClone(() => {}), () => import('missing'),
  () => { const go = () => go(); go() }, () => decodeURIComponent('%'), () => 'x'.repeat(-1), () => new Intl.Locale('!'),
  () => BigInt(1.5), () => host.fails.call(null, 1), () => Reflect.construct(host.fails, []), () => { throw globalThis },
  () => new Proxy({}, { get() { throw new Error('trap') } }).x, () => setTimeout('text'), () => queueMicrotask(1),
]
export default async function () {
  Error.stackTraceLimit = 1000
  Error.prepareStackTrace = (error, sites) => { crawl(sites.map((site) => [site.getFileName(), site.getFunctionName(), site.getThis?.(), site.getFunction?.()]), 0); return sites }
  for (const attempt of attempts) {
    try { await attempt() } catch (error) { crawl(error, 0); try { say(error.stack) } catch {} }
  }
  const target = {}
  Error.captureStackTrace?.(target)
  crawl(target, 0)
  crawl(globalThis, 0)
  crawl(host, 0)
  crawl(new Error('fresh'), 0)
  for (let size = 16; size <= 2 ** 22; size *= 4) {
    const bytes = new Uint8Array(new ArrayBuffer(size))
    for (let n = 0; n < size; n += 1) if (bytes[n] !== 0) { say('fresh memory is not empty: ' + bytes[n]); break }
  }
  console.trace('trace')
  console.dir(globalThis, { showHidden: true, depth: 5 })
  console.log(new Error('logged'), host, (() => {}).constructor)
  return texts.join('\\n')
}`
