import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseSource, readSources, type SourceFile } from './source-tree.ts'

/** Imports go one way: each layer, and the layers it may import besides itself. A new folder is red until named here. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  program: ['core'],
  web: ['core'],
  node: ['core', 'program', 'web'],
  bundle: ['core', 'program'],
  policy: ['core', 'program'],
  guest: [],
  host: ['core'],
  jail: ['core'],
  tiers: ['core', 'program', 'jail', 'web', 'node'],
  broker: ['core', 'program', 'policy', 'host'],
  functions: ['core', 'broker', 'host'],
  server: ['core', 'bundle', 'functions'],
  'function-host': ['core', 'broker', 'functions', 'server', 'index'],
  cli: ['core', 'functions', 'server', 'function-host', 'index'],
  index: ['core', 'program', 'bundle', 'policy', 'host', 'jail', 'tiers', 'broker', 'functions', 'server'],
}

/** Where each library may be imported. A new library is red until named here. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  '@exodus/bytes': ['src/web/groups/'],
  '@noble/ciphers': ['src/web/groups/crypto/'],
  '@noble/curves': ['src/web/groups/crypto/'],
  '@noble/hashes': ['src/web/groups/crypto/'],
  '@smithy/core': ['src/server/lambda/'],
  '@smithy/signature-v4': ['src/server/lambda/'],
  assert: ['src/node/parts/'],
  buffer: ['src/node/parts/'],
  commander: ['src/cli/'],
  esbuild: ['src/bundle/', 'src/web/build.ts'],
  events: ['src/node/parts/'],
  execa: ['src/tiers/child.ts'],
  fastify: ['src/server/'],
  fflate: ['src/server/lambda/'],
  jsdom: ['src/web/groups/'],
  'isolated-vm': [
    'src/tiers/insist.ts',
    'src/tiers/isolate-engine.ts',
    'src/tiers/warm-isolate.ts',
    'src/tiers/web-cache.ts',
  ],
  'magic-string': ['src/program/'],
  'oxc-parser': ['src/program/'],
  'oxc-transform': ['src/program/'],
  pako: ['src/web/groups/'],
  picocolors: ['src/cli/'],
  pino: ['src/cli/'],
  piscina: ['src/tiers/worker/'],
  'prom-client': ['src/server/metrics.ts'],
  'rate-limiter-flexible': ['src/functions/rates.ts'],
  'path-browserify': ['src/node/parts/'],
  'querystring-es3': ['src/node/parts/'],
  'readable-stream': ['src/node/parts/'],
  'ringfence:function': ['src/functions/adapter/'],
  'ringfence:host': ['src/web/groups/', 'src/node/parts/'],
  'ringfence:web': ['src/web/groups/', 'src/node/parts/'],
  string_decoder: ['src/node/parts/'],
  url: ['src/node/parts/'],
  util: ['src/node/parts/'],
  'whatwg-mimetype': ['src/web/groups/fetch/'],
  zod: ['src/core/', 'src/policy/', 'src/tiers/', 'src/broker/', 'src/functions/', 'src/server/', 'src/cli/'],
}

const FILE_CEILING = 250
const FUNCTION_CEILING = 50
const NAMELESS = /(?:^|\/)(?:utils?|helpers?|misc|common|shared|stuff)\.[jt]s$/

const source = readSources(['src/**/*.ts', 'src/**/*.js'])
const everything = readSources(['{src,test,bench,examples,scripts}/**/*.ts', 'src/**/*.js', '*.ts'])

function layerOf(path: string): string {
  const [, first = '', ...rest] = path.split('/')
  return rest.length === 0 ? first.replace(/\.[jt]s$/, '') : first
}

function targetOf(file: SourceFile, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(file.path), specifier))
}

function libraryOf(specifier: string): string {
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

/** What is wrong with one import, or nothing. */
function importProblem(file: SourceFile, specifier: string): string | undefined {
  const layer = layerOf(file.path)
  if (specifier.startsWith('.')) {
    const target = targetOf(file, specifier)
    if (!target.startsWith('src/')) return `${file.path} reaches outside src: ${specifier}`
    const other = layerOf(target)
    if (other === layer || LAYERS[layer]?.includes(other)) return undefined
    return `${file.path}: ${layer} may not import ${other} (${specifier})`
  }
  if (layer === 'guest') return `${file.path}: guest may import nothing at all (${specifier})`
  if (specifier.startsWith('node:')) {
    return layer === 'policy' ? `${file.path}: policy is pure and may not import ${specifier}` : undefined
  }
  const places = LIBRARIES[libraryOf(specifier)]
  if (places === undefined) return `${file.path}: library ${specifier} is not in the table`
  return places.some((place) => file.path.startsWith(place))
    ? undefined
    : `${file.path}: ${specifier} belongs in ${places.join(', ')}`
}

const problemsOf = (file: SourceFile): readonly string[] =>
  file.imports.flatMap((specifier) => importProblem(file, specifier) ?? [])

describe('the layers', () => {
  it('are checked on files and imports that are really there', () => {
    expect(source.length).toBeGreaterThan(5)
    expect(source.flatMap((file) => file.imports).length).toBeGreaterThan(5)
    expect(source.flatMap((file) => file.functions).length).toBeGreaterThan(5)
  })

  it('name every folder of src', () => {
    expect(source.map((file) => layerOf(file.path)).filter((layer) => LAYERS[layer] === undefined)).toEqual([])
  })

  it('import one way, and libraries only where they belong', () => {
    expect(source.flatMap(problemsOf)).toEqual([])
  })

  it.each([
    ['src/core/a.ts', `export * from '../broker/b.ts'`],
    ['src/broker/a.ts', `import type { X } from '../tiers/vm/tier.ts'`],
    ['src/policy/a.ts', `type X = import('../tiers/vm/tier.ts').X`],
    ['src/policy/a.ts', `import 'node:fs'`],
    ['src/guest/a.js', `import('node:fs')`],
    ['src/tiers/vm/a.ts', `import ivm from 'isolated-vm'`],
    ['src/core/a.ts', `import x from 'left-pad'`],
    ['src/cli/a.ts', `import x from '../../test/source-tree.ts'`],
    ['src/novel/a.ts', `import x from '../core/types.ts'`],
  ])('refuse in %s: %s', (path, text) => {
    expect(problemsOf(parseSource(path, text))).toHaveLength(1)
  })

  it.each([
    ['src/broker/a.ts', `import type { X } from '../core/types.ts'`],
    ['src/tiers/worker/a.ts', `import { Piscina } from 'piscina'`],
    ['src/tiers/a.ts', `import 'node:fs'`],
    ['src/index.ts', `import { x } from './tiers/vm/tier.ts'`],
    ['src/cli/main.ts', `import { x } from '../index.ts'`],
  ])('allow in %s: %s', (path, text) => {
    expect(problemsOf(parseSource(path, text))).toEqual([])
  })
})

describe('the tiers', () => {
  const folders = new Set(source.flatMap(({ path }) => /^src\/tiers\/[^/]+(?=\/)/.exec(path)?.[0] ?? []))

  it('all have the same shape: a tier.ts in every folder', () => {
    expect(folders.size).toBeGreaterThan(0)
    expect([...folders].filter((folder) => !source.some(({ path }) => path === `${folder}/tier.ts`))).toEqual([])
  })

  it('do not import each other', () => {
    const strays = source.flatMap((file) => {
      const own = /^src\/tiers\/([^/]+)\//.exec(file.path)?.[1]
      if (own === undefined) return []
      return file.imports.filter((specifier) => {
        const other = /^src\/tiers\/([^/]+)\//.exec(targetOf(file, specifier))?.[1]
        return specifier.startsWith('.') && other !== undefined && other !== own
      })
    })
    expect(strays).toEqual([])
  })
})

describe('the contract', () => {
  it('stands alone in core/types.ts: types only, no imports, at most 120 lines', () => {
    const contract = source.find((file) => file.path === 'src/core/types.ts')
    expect(contract?.imports).toEqual([])
    expect(contract?.lines).toBeLessThanOrEqual(120)
    expect(contract?.text).not.toMatch(/^(?:export )?(?:const|let|var|function|class|enum) /m)
  })
})

describe('the sizes', () => {
  it(`keep every file within ${FILE_CEILING} lines`, () => {
    const long = everything.filter((file) => file.lines > FILE_CEILING)
    expect(long.map((file) => `${file.path}: ${file.lines} lines`)).toEqual([])
  })

  it(`keep every function of the product within ${FUNCTION_CEILING} lines of code`, () => {
    const long = source.flatMap((file) =>
      file.functions
        .filter(({ lines }) => lines > FUNCTION_CEILING)
        .map(({ name, line, lines }) => `${file.path}:${line} ${name}: ${lines} lines`),
    )
    expect(long).toEqual([])
  })

  it('count lines of code, not blank lines and comments', () => {
    const { functions } = parseSource('a.ts', 'function f() {\n\n  // why\n  /* and\n  more */\n  return 1\n}\n')
    expect(functions).toEqual([{ name: 'f', line: 1, lines: 3 }])
  })
})

describe('the names', () => {
  it('say what a file does', () => {
    expect(everything.map((file) => file.path).filter((path) => NAMELESS.test(path))).toEqual([])
  })

  it('are written in kebab-case', () => {
    const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)*$/
    const crooked = everything.flatMap((file) => file.path.split('/').filter((part) => !kebab.test(part)))
    expect(crooked).toEqual([])
  })
})
