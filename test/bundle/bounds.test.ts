import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bundle, RingfenceError } from '../../src/index.ts'
import { returned, runBundle, Workshop } from './workshop.ts'

let shop: Workshop

beforeEach(() => {
  shop = new Workshop()
})
afterEach(() => shop[Symbol.dispose]())

async function failureOf(path: string, options = {}): Promise<RingfenceError> {
  const error: unknown = await bundle(path, options).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof RingfenceError) return error
  throw new Error(`expected a RingfenceError, received ${String(error)}`)
}

// ATTACK: code somebody else wrote is bundled with the operator's rights, and what it imports becomes part of it.
describe('a file outside of the root', () => {
  it.each([
    ['by its path', (secret: string) => secret],
    ['by a relative path', () => '../../secret.json'],
    ['by a link', () => './link.json'],
  ])('is not read %s', async (_how, specifierOf) => {
    const secret = shop.put('secret.json', '{ "key": "do-not-tell" }')
    const entry = shop.put(
      'app/src/main.ts',
      `import s from ${JSON.stringify(specifierOf(secret))}\nexport default () => s`,
    )
    symlinkSync(secret, join(shop.folder, 'app/src/link.json'))
    const { code, message } = await failureOf(entry)
    expect(code).toBe('RF_CANNOT_BUNDLE')
    expect(message).toContain('outside of the root')
    expect(message).not.toContain('do-not-tell')
  })

  it('is read when the root is further up', async () => {
    shop.put('secret.json', '{ "key": "shared" }')
    const entry = shop.put('app/src/main.ts', 'import { key } from "../../secret.json"\nexport default () => key')
    expect(await runBundle(await bundle(entry, { root: shop.folder }))).toMatchObject(returned('shared'))
  })

  it('is no entry', async () => {
    const entry = shop.put('elsewhere.ts', '1')
    expect((await failureOf(entry, { root: join(shop.folder, 'app') })).message).toContain('it is outside of the root')
  })

  it('is not named by the map either', async () => {
    const entry = shop.put('app/src/main.ts', 'export default () => 1')
    const { sourceMap, source } = await bundle(entry)
    expect(sourceMap + source).not.toContain(shop.folder)
  })
})

describe('what cannot be bundled', () => {
  it('is told with every place that is wrong', async () => {
    const entry = shop.put('app/src/main.ts', 'import "not-installed"\nimport "./missing.ts"\nexport default () => 1')
    const { code, message } = await failureOf(entry)
    expect(code).toBe('RF_CANNOT_BUNDLE')
    expect(message).toMatch(/^Cannot bundle ".*main\.ts":\n/)
    expect(message).toContain('src/main.ts:1:8: Could not resolve "not-installed"')
    expect(message).toContain('src/main.ts:2:8: Could not resolve "./missing.ts"')
  })

  it('may be a syntax error, in any file', async () => {
    shop.put('app/src/broken.ts', 'export const = 1')
    const entry = shop.put('app/src/main.ts', 'export * from "./broken.ts"')
    expect((await failureOf(entry)).message).toContain('src/broken.ts:1:14:')
  })

  it('may not be there', async () => {
    expect((await failureOf(join(shop.folder, 'nothing.ts'))).message).toContain('it cannot be read (ENOENT)')
    expect((await failureOf(join(shop.folder, 'app'), { root: join(shop.folder, 'none') })).message).toContain(
      '(ENOENT)',
    )
  })

  it.each([
    [{ minfy: true }, 'Cannot bundle: there is no option "minfy"'],
    [{ minify: 1 }, 'Cannot bundle: "minify" must be of type boolean, received number'],
    [{ root: null }, 'Cannot bundle: "root" must be of type string, received null'],
    [{ define: { A: 1 } }, 'Cannot bundle: "define.A" must be a string, received number'],
    [{ hostModules: [''] }, 'Cannot bundle: "hostModules" must be a list of names'],
  ])('is asked for with options like %j', async (options, message) => {
    // @ts-expect-error wrong on purpose
    await expect(bundle(shop.folder, options)).rejects.toThrow(new TypeError(message))
  })
})
