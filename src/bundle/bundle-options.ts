/** What may be said of a bundle. */
export interface BundleOptions {
  /**
   * The folder nothing may be read from outside of; the nearest one around the entry with a `package.json` when not given.
   * Where dependencies are installed further up, as in a workspace, name that folder.
   */
  readonly root?: string
  /** Makes the text smaller; errors keep their places by the source map. */
  readonly minify?: boolean
  /** Modules that the broker brings; their imports stay as they are. `host` when not given. */
  readonly hostModules?: readonly string[]
  /** With `'node'`, imports of the modules of Node that a broker offers stay as they are; run the bundle with `modules: 'node'`. */
  readonly modules?: 'node'
  /** What stands in place of global names and member chains, as JSON or an identifier. */
  readonly define?: Readonly<Record<string, string>>
}

const KEYS = ['root', 'minify', 'hostModules', 'modules', 'define']

/** Checks options. Throws `TypeError` for shape. */
export function checkBundleOptions(options: object): BundleOptions {
  const fields: Readonly<Record<string, unknown>> = { ...options }
  for (const key of Object.keys(fields)) {
    if (!KEYS.includes(key)) throw new TypeError(`Cannot bundle: there is no option "${key}"`)
  }
  const { root, minify, hostModules, modules, define } = fields
  expectType(root, 'root', 'string')
  expectType(minify, 'minify', 'boolean')
  expectType(define, 'define', 'object')
  for (const [name, text] of Object.entries(define ?? {})) {
    if (typeof text !== 'string') {
      throw new TypeError(`Cannot bundle: "define.${name}" must be a string, received ${typeof text}`)
    }
  }
  if (modules !== undefined && modules !== 'node') throw new TypeError('Cannot bundle: "modules" must be "node"')
  if (hostModules !== undefined && !isListOfNames(hostModules)) {
    throw new TypeError('Cannot bundle: "hostModules" must be a list of names')
  }
  return options
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')
}

function expectType(value: unknown, name: string, type: string): void {
  if (value === undefined || (typeof value === type && value !== null)) return
  throw new TypeError(
    `Cannot bundle: "${name}" must be of type ${type}, received ${value === null ? 'null' : typeof value}`,
  )
}
