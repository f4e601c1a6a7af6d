import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What the harness said of one file: how each of its tests ended, by name. */
export interface FileReport {
  readonly harness: string
  readonly tests: readonly { readonly name: string; readonly status: number; readonly message: string | null }[]
}

const META_SCRIPT = /^\/\/ META: script=(.+)$/gm
/** A test's data, which a page would fetch. */
const DATA = /["'`]([\w./-]+\.json)["'`]/g

const START = `
globalThis.fetch = async (path) => {
  const text = __data[String(path)]
  if (text === undefined) throw new TypeError('There is no network: ' + path)
  return { ok: true, json: async () => JSON.parse(text), text: async () => text }
}
globalThis.location = { search: '', href: 'http://web-platform.test/', pathname: '/' }
globalThis.GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false }
const __end = Promise.withResolvers()
`

const FINISH = `
add_completion_callback((tests, status) => {
  const STATES = ['OK', 'ERROR', 'TIMEOUT', 'PRECONDITION_FAILED']
  __end.resolve({
    harness: STATES[status.status] + (status.message ? ': ' + status.message : ''),
    tests: tests.map(({ name, status, message }) => ({ name: String(name), status, message })),
  })
})
done()
__end.promise
`

/** Makes one program of a test file, the scripts that it names, and the harness. */
export const assembleTest = (root: string, path: string): string => {
  const text = readFileSync(join(root, path), 'utf8')
  const near = (name: string): string => (name.startsWith('/') ? join(root, name) : join(root, dirname(path), name))
  const named = [...text.matchAll(META_SCRIPT)].map(([, name = '']) => readFileSync(near(name.trim()), 'utf8'))
  const data: Record<string, string> = {}
  for (const [, name = ''] of [text, ...named].join('\n').matchAll(DATA)) {
    if (existsSync(near(name))) data[name] = readFileSync(near(name), 'utf8')
  }
  const harness = readFileSync(join(root, 'resources/testharness.js'), 'utf8')
  const setup = 'setup({ explicit_done: true, output: false })'
  // In a function of its own, whose first words may be a directive.
  const test = `;(() => {${text}\n})()`
  return [`const __data = ${JSON.stringify(data)}`, START, harness, setup, ...named, test, FINISH].join('\n;\n')
}
