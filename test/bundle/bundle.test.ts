import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundle, createBroker } from '../../src/index.ts'
import { returned, runBundle, Workshop } from './workshop.ts'

let shop: Workshop

beforeEach(() => {
  shop = new Workshop()
})
afterEach(() => shop[Symbol.dispose]())

describe('a bundle', () => {
  it('is one program of an entry, its files and its packages, with types taken away', async () => {
    shop.install('adds', { 'index.js': 'exports.add = (a, b) => a + b' })
    shop.install('@scope/doubles', { 'index.mjs': 'export const double = (n) => 2 * n' }, { exports: './index.mjs' })
    shop.put('app/src/offset.ts', 'export const OFFSET: number = 10')
    shop.put('app/src/rates.json', '{ "rate": 3 }')
    const entry = shop.put(
      'app/src/main.ts',
      `import { add } from 'adds'
       import { double } from '@scope/doubles'
       import { OFFSET } from './offset.ts'
       import rates from './rates.json'
       export default ({ n }: { n: number }) => add(double(n), OFFSET) * rates.rate`,
    )
    expect(await runBundle(await bundle(entry), { input: { n: 4 } })).toMatchObject(returned(54))
  })

  it.each(['app', 'app/src'])('is made of a shop.folder as well: %s', async (path) => {
    shop.put('app/src/index.ts', 'export default () => "the index"')
    shop.put('app/src/main.ts', 'export default () => "the main file"')
    const expected = path === 'app' ? 'the main file' : 'the index'
    expect(await runBundle(await bundle(join(shop.folder, path)))).toMatchObject(returned(expected))
  })

  it('takes an entry in CommonJS, whose exports become its default', async () => {
    const entry = shop.put('app/old.cjs', 'module.exports = (n) => n + 1')
    expect(await runBundle(await bundle(entry), { input: 1 })).toMatchObject(returned(2))
  })

  it('leaves imports of host functions to the broker', async () => {
    const entry = shop.put('app/host.ts', 'import { lookup } from "host"\nexport default async () => lookup("A")')
    const functions = { lookup: async (sku: string) => `${sku} found` }
    expect(await runBundle(await bundle(entry), { functions })).toMatchObject(returned('A found'))
  })

  it('calls modules of the host by other names, when told them', async () => {
    const entry = shop.put('app/kv.ts', 'import { get } from "kv"\nexport default async () => get("k")')
    const made = await bundle(entry, { hostModules: ['kv'] })
    expect(await runBundle(made, { modules: { kv: { functions: { get: async () => 'v' } } } })).toMatchObject(
      returned('v'),
    )
  })

  it('takes only what is used, and says whose code it is made of, the largest first', async () => {
    shop.install(
      'large',
      { 'index.mjs': `export const a = ${JSON.stringify('x'.repeat(5000))}` },
      { module: 'index.mjs' },
    )
    shop.install('unused', { 'index.mjs': 'export const gone = 1' }, { module: 'index.mjs', sideEffects: false })
    const entry = shop.put('app/sizes.ts', 'import { a } from "large"\nimport "unused"\nexport default () => a.length')
    const { bytes, parts, source } = await bundle(entry)
    expect(parts.map(({ package: name, files }) => [name, files])).toEqual([
      ['large', 1],
      [undefined, 1],
    ])
    expect(parts[0]?.bytes).toBeGreaterThan(5000)
    expect(bytes).toBe(Buffer.byteLength(source))
    expect(parts.reduce((sum, part) => sum + part.bytes, 0)).toBeLessThanOrEqual(bytes)
  })

  it('is smaller when minified, and does the same', async () => {
    const steps = Array.from({ length: 20 }, (_none, n) => `  const intermediate${n} = argument + ${n} // step ${n}`)
    const text = [
      'export default function named(argument: number) {',
      ...steps,
      '  return [named.name, intermediate19]',
      '}',
    ]
    const entry = shop.put('app/long.ts', text.join('\n'))
    const [plain, small] = [await bundle(entry), await bundle(entry, { minify: true })]
    expect(small.bytes).toBeLessThan(plain.bytes)
    expect(await runBundle(small, { input: 21 })).toMatchObject(returned(['named', 40]))
  })

  it('puts values in place of global names', async () => {
    const entry = shop.put(
      'app/define.ts',
      'declare const LIMIT: number\nexport default () => [LIMIT, process.env.NODE_ENV]',
    )
    expect(await runBundle(await bundle(entry, { define: { LIMIT: '7' } }))).toMatchObject(returned([7, 'production']))
  })
})

describe('an error in a bundle', () => {
  it.each([false, true])('shows the original file, line and text (minified: %s)', async (minify) => {
    shop.install('throws', {
      'index.js': '// a comment\nexports.fail = function fail() {\n  throw new Error("from the package")\n}',
    })
    shop.put(
      'app/src/deep.ts',
      'interface Unused { a: 1 }\nexport function deep(n: number): never {\n  throw new RangeError(`deep ${n}`)\n}',
    )
    const entry = shop.put(
      'app/src/main.ts',
      'import { deep } from "./deep.ts"\nimport { fail } from "throws"\nexport default (own: boolean) => own ? deep(3) : fail()',
    )
    const made = await bundle(entry, { minify })
    const [own, theirs] = [await runBundle(made, { input: true }), await runBundle(made, { input: false })].map(
      ({ outcome }) => (outcome.kind === 'threw' ? outcome.error : undefined),
    )
    expect(own).toMatchObject({
      name: 'RangeError',
      message: 'deep 3',
      location: { file: 'src/deep.ts', line: 3, column: 9 },
    })
    expect(own?.codeFrame).toContain('> 3 |   throw new RangeError(`deep ${n}`)')
    expect(own?.stack).toMatch(/at .*deep.* \(src\/deep\.ts:3:9\)/)
    expect(theirs?.location).toMatchObject({ file: 'node_modules/throws/index.js', line: 3 })
    expect(`${theirs?.stack}${own?.stack}`).not.toContain(shop.folder)
  })

  it('keeps its place in the bundle when no source map is passed', async () => {
    const entry = shop.put('app/src/main.ts', 'export default () => { throw new Error("here") }')
    const { source, filename } = await bundle(entry)
    await using broker = await createBroker()
    const { outcome } = await broker.run(source, { filename })
    expect(outcome).toMatchObject({ kind: 'threw', error: { location: { file: 'main.bundle.js' } } })
  })
})

describe('a module of Node', () => {
  it('is left out, and is told of by name, with who imports it and why', async () => {
    shop.install('reads', { 'index.js': 'exports.read = () => require("fs").readFileSync("/etc/passwd", "utf8")' })
    const entry = shop.put('app/src/main.ts', 'import "node:net"\nimport { read } from "reads"\nexport default read')
    const { refused } = await bundle(entry)
    const reason = 'it is a module of Node, and a guest has none of them'
    expect(refused).toEqual([
      { specifier: 'node:net', importer: 'src/main.ts', reason },
      { specifier: 'fs', importer: 'node_modules/reads/index.js', reason },
    ])
  })

  it('throws where the program gets to it, and only there', async () => {
    const entry = shop.put(
      'app/src/main.ts',
      `export default (wants: boolean) => {
         try { return wants ? require('node:fs').readdirSync('/') : 'did without' } catch (error) { return error.message }
       }`,
    )
    const made = await bundle(entry)
    expect(await runBundle(made, { input: false })).toMatchObject(returned('did without'))
    expect(await runBundle(made, { input: true })).toMatchObject(
      returned('Cannot import "node:fs": it is a module of Node, and a guest has none of them'),
    )
  })

  it.each(['https://example.com/a.js', 'file:///etc/passwd', 'data:text/javascript,1', './addon.node'])(
    'is not the only thing no guest can have: %s',
    async (specifier) => {
      const entry = shop.put('app/src/main.ts', `export default () => import(${JSON.stringify(specifier)})`)
      const { refused } = await bundle(entry)
      expect(refused.map((one) => one.specifier)).toEqual([specifier])
    },
  )
})
