/**
 * The module loader. Modules are functions made by `program/`; imports name only what their table of dependencies
 * maps, so there is no path from a specifier to anything outside the program.
 *
 * @typedef {{ kind: 'module' | 'commonjs' | 'script' | 'json', deps: Record<string, string>, run: Function, text: string }} ModuleText
 * @typedef {{ name: string, text: ModuleText, state: 'new' | 'running' | 'done' | 'failed', exports: any, module: any, error: unknown, done: Promise<void> | undefined }} ModuleRecord
 * @typedef {{ name: string, next: Chain | undefined } | undefined} Chain
 */

/** @type {{ entry: string, modules: Record<string, ModuleText> } | undefined} */
let programTable
let moduleRecords = new MapCtor()

/** Makes the object that stands for a module's namespace.
 * @returns {Record<string, unknown>} */
const createNamespace = () => {
  const namespace = ObjectCreate(null)
  ObjectDefineProperty(
    namespace,
    SymbolToStringTag,
    /** @type {PropertyDescriptor} */ ({
      __proto__: null,
      value: 'Module',
      enumerable: false,
      configurable: false,
      writable: false,
    }),
  )
  return namespace
}

/** @param {string} name @param {string} from */
const missingModule = (name, from) => {
  const error = new ErrorCtor(`Cannot find module "${name}" imported from "${from}"`)
  defineOwn(error, 'code', 'ERR_MODULE_NOT_FOUND', true)
  return error
}

/**
 * @param {string} name
 * @returns {ModuleRecord | undefined}
 */
const recordOf = (name) => {
  const known = MapPrototypeGet(moduleRecords, name)
  if (known !== undefined) return known
  if (programTable === undefined || !ObjectHasOwn(programTable.modules, name)) return undefined
  /** @type {ModuleRecord} */
  const record = {
    name,
    text: programTable.modules[name],
    state: 'new',
    exports: createNamespace(),
    module: undefined,
    error: undefined,
    done: undefined,
  }
  MapPrototypeSet(moduleRecords, name, record)
  return record
}

/** @param {Chain} chain @param {string} name */
const isInChain = (chain, name) => {
  for (let link = chain; link !== undefined; link = link.next) if (link.name === name) return true
  return false
}

/**
 * @param {ModuleRecord} record
 * @param {unknown} specifier
 */
const resolveSpecifier = (record, specifier) => {
  const wanted = `${/** @type {any} */ (specifier)}`
  if (ObjectHasOwn(record.text.deps, wanted)) return record.text.deps[wanted]
  throw missingModule(wanted, record.name)
}

/**
 * The namespace of a module or of a host capability module, evaluated first when it is not yet. A module that is
 * being evaluated by its own importers answers what it has so far, as cycles do.
 *
 * @param {string} name
 * @param {Chain} chain
 * @param {string} from
 */
const importModule = async (name, chain, from) => {
  const host = hostNamespace(name)
  if (host !== undefined) return host
  const record = recordOf(name)
  if (record === undefined) return nodeNamespace(name, from)
  if (record.state === 'running' && isInChain(chain, name)) return record.exports
  await evaluateModule(record, chain)
  return record.exports
}

/** @param {ModuleRecord} record @param {Chain} chain */
const evaluateModule = async (record, chain) => {
  if (record.state === 'done') return
  if (record.state === 'new') record.done = runModule(record, chain)
  await record.done
  if (record.state === 'failed') throw record.error
}

/**
 * Never rejects: a failure is kept, so that every importer meets it and none is unhandled.
 *
 * @param {ModuleRecord} record
 * @param {Chain} chain
 */
const runModule = async (record, chain) => {
  record.state = 'running'
  try {
    if (record.text.kind === 'json') defineOwn(record.exports, 'default', JSONParse(record.text.text))
    else if (record.text.kind === 'commonjs') requireRecord(record)
    else await runEsModule(record, { name: record.name, next: chain })
    record.state = 'done'
  } catch (error) {
    record.error = error
    record.state = 'failed'
  }
}

/** @param {ModuleRecord} record @param {Chain} chain */
const runEsModule = (record, chain) => {
  const meta = createNamespaceMeta(record.name)
  /** @param {unknown} specifier @param {{ importedNames?: string[] }} [how] */
  const load = async (specifier, how) => {
    const name = resolveSpecifier(record, specifier)
    const namespace = await importModule(name, chain, record.name)
    if (how !== undefined && ObjectHasOwn(how, 'importedNames')) checkNames(name, namespace, how.importedNames ?? [])
    return namespace
  }
  /** @param {unknown} specifier */
  const loadDynamically = async (specifier) => importModule(resolveSpecifier(record, specifier), chain, record.name)
  /** @param {Record<string, unknown>} namespace */
  const reexport = (namespace) => {
    copyExports(record.exports, namespace)
  }
  return ReflectApply(record.text.run, undefined, [record.exports, meta, load, loadDynamically, reexport])
}

/** @param {string} name */
const createNamespaceMeta = (name) => {
  const meta = ObjectCreate(null)
  defineOwn(meta, 'url', `guest:${name}`)
  return meta
}

/**
 * @param {string} name
 * @param {any} namespace
 * @param {string[]} wanted
 */
const checkNames = (name, namespace, wanted) => {
  const record = MapPrototypeGet(moduleRecords, name)
  if (record !== undefined && record.state === 'running') return
  for (let i = 0; i < wanted.length; i += 1) {
    if (ObjectHasOwn(namespace, wanted[i])) continue
    throw new SyntaxErrorCtor(`The requested module "${name}" does not provide an export named "${wanted[i]}"`)
  }
}

/** @param {any} target @param {any} source */
const copyExports = (target, source) => {
  const names = ObjectKeys(source)
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i]
    if (name === 'default' || ObjectHasOwn(target, name)) continue
    ObjectDefineProperty(
      target,
      name,
      /** @type {PropertyDescriptor} */ ({
        __proto__: null,
        enumerable: true,
        configurable: true,
        get: () => source[name],
      }),
    )
  }
}

/**
 * Runs a CommonJS module and gives its namespace: the exports as `default`, and each of their own names.
 *
 * @param {ModuleRecord} record
 */
const requireRecord = (record) => {
  if (record.module !== undefined) return record.module.exports
  record.state = 'running'
  record.module = { exports: {} }
  const { module } = record
  const require = (/** @type {unknown} */ specifier) => requireFrom(record, specifier)
  const load = async (/** @type {unknown} */ specifier) =>
    importModule(resolveSpecifier(record, specifier), { name: record.name, next: undefined }, record.name)
  try {
    ReflectApply(record.text.run, module.exports, [module.exports, require, module, record.name, '.', load])
  } catch (error) {
    record.state = 'failed'
    record.error = error
    throw error
  }
  defineOwn(record.exports, 'default', module.exports)
  if (typeof module.exports === 'object' && module.exports !== null) copyExports(record.exports, module.exports)
  else if (typeof module.exports === 'function') copyExports(record.exports, module.exports)
  record.state = 'done'
  return module.exports
}

/** What `import()` in code from strings reaches: what the entry could import. @param {unknown} specifier */
const importFromEntry = async (specifier) => {
  const entry = programTable === undefined ? undefined : recordOf(programTable.entry)
  if (entry === undefined) throw new ErrorCtor('Cannot import: there is no program')
  return importModule(resolveSpecifier(entry, specifier), undefined, entry.name)
}

/** @param {ModuleRecord} importer @param {unknown} specifier */
const requireFrom = (importer, specifier) => {
  const name = resolveSpecifier(importer, specifier)
  const host = hostNamespace(name)
  if (host !== undefined) return host
  const record = recordOf(name)
  if (record === undefined) return nodeModule(name, importer.name)
  if (record.state === 'failed') throw record.error
  if (record.text.kind === 'json') return JSONParse(record.text.text)
  if (record.text.kind === 'commonjs') return requireRecord(record)
  if (record.state === 'done') return record.exports
  throw new ErrorCtor(`Cannot require "${name}": it is an ES module that has not been evaluated; import it instead`)
}
