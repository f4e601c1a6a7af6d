import type { ProgramKind } from './kind.ts'

/** Options with nothing left open. */
export interface CheckedOptions {
  readonly filename: string
  readonly modules: readonly (readonly [name: string, text: string])[]
  readonly hostModules: readonly string[]
  readonly kind: ProgramKind | undefined
  /** Present where modules of Node are offered. */
  readonly node?: true
}

const KINDS: readonly unknown[] = ['module', 'commonjs', 'script', 'fragment'] satisfies ProgramKind[]
const KEYS = ['filename', 'modules', 'hostModules', 'kind', 'node']
const MAX_NAME = 1024

/** Checks what a caller says of a program. Throws `TypeError` for shape and `RangeError` for value. */
export const checkOptions = (source: unknown, options: Readonly<Record<string, unknown>> | object): CheckedOptions => {
  if (typeof source !== 'string') {
    throw new TypeError(`Cannot prepare program: the source must be a string, received ${typeof source}`)
  }
  const fields: Readonly<Record<string, unknown>> = { ...options }
  for (const key of Object.keys(fields)) {
    if (!KEYS.includes(key)) throw new TypeError(`Cannot prepare program: there is no option "${key}"`)
  }
  const filename = fields['filename'] === undefined ? 'program.ts' : nameOf(fields['filename'], '"filename"')
  const hostModules = listOf(fields['hostModules']).map((name) => nameOf(name, 'a host module'))
  const modules = textsOf(fields['modules'])
  if (hostModules.includes(filename)) {
    throw new RangeError(`Cannot prepare program: "${filename}" names both the program and a host module`)
  }
  for (const [name] of modules) {
    if (name === filename) throw new RangeError(`Cannot prepare program: module "${name}" has the program's own name`)
    if (hostModules.includes(name)) {
      throw new RangeError(`Cannot prepare program: module "${name}" is a host module already`)
    }
  }
  return { filename, modules, hostModules, kind: kindOf(fields['kind']), ...(nodeOf(fields['node']) && { node: true }) }
}

const kindOf = (kind: unknown): ProgramKind | undefined => {
  if (kind === undefined || kind === 'module' || kind === 'commonjs' || kind === 'script' || kind === 'fragment') {
    return kind
  }
  throw new RangeError(
    `Cannot prepare program: "kind" must be one of ${KINDS.join(', ')}, received ${JSON.stringify(kind)}`,
  )
}

const nodeOf = (node: unknown): boolean => {
  if (node === undefined || typeof node === 'boolean') return node === true
  throw new TypeError(`Cannot prepare program: "node" must be a boolean, received ${typeof node}`)
}

const nameOf = (name: unknown, what: string): string => {
  if (typeof name !== 'string') {
    throw new TypeError(`Cannot prepare program: ${what} must be a string, received ${typeof name}`)
  }
  if (name === '' || name.length > MAX_NAME) {
    throw new RangeError(
      `Cannot prepare program: ${what} must have 1 to ${MAX_NAME} characters, received ${name.length}`,
    )
  }
  return name
}

const listOf = (value: unknown): readonly unknown[] => {
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  throw new TypeError('Cannot prepare program: "hostModules" must be a list of names')
}

const textsOf = (value: unknown): readonly (readonly [string, string])[] => {
  if (value === undefined) return []
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('Cannot prepare program: "modules" must be an object')
  }
  return Object.entries(value).map(([name, text]: [string, unknown]) => {
    if (typeof text === 'string') return [nameOf(name, 'the name of a module'), text] as const
    throw new TypeError(`Cannot prepare program: module "${name}" must be source text, received ${typeof text}`)
  })
}
