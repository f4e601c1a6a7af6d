// Modules of Node made by libraries inside the guest's realm, each when the guest first imports it. Like the web platform's, they
// are no part of the kernel: who replaces what they use spoils their own modules and nothing else.

/** @type {any} */
let nodePlatform
/** @type {any} */
let nodeExports
/** What was handed out stays what it is. */
const nodeValues = new MapCtor()
const nodeNamespaces = new MapCtor()

/** What the libraries are given instead of a host. */
const nodeHost = ObjectFreeze({ __proto__: null, queueMicrotask: globalFunctions.queueMicrotask })

/** Runs the outermost code of the libraries; each of them runs when it is first read. */
const makeNodeExports = () => {
  const exports = ObjectCreate(null)
  const names = createWebNames()
  const require = (/** @type {string} */ wanted) => (wanted === 'ringfence:host' ? nodeHost : names)
  nodeExports = exports
  ReflectApply(nodePlatform.run, undefined, [{ __proto__: null, exports }, exports, require])
}

/** @param {string} name @param {string} full @param {string} from */
const refusedModule = (name, full, from) => {
  if (!ObjectHasOwn(nodePlatform.refused, full)) return missingModule(name, from)
  const error = new ErrorCtor(`Cannot import "${name}": ${nodePlatform.refused[full]}`)
  defineOwn(error, 'code', 'ERR_MODULE_NOT_FOUND', true)
  return error
}

/** What `require` answers for a module of Node. A guest that made the libraries fail may try again: they are run anew then.
 * @param {string} name @param {string} from @returns {any} */
const nodeModule = (name, from) => {
  if (nodePlatform === undefined) throw missingModule(name, from)
  // What a session evaluates names modules as it likes.
  const full = StringPrototypeSlice(name, 0, 5) === 'node:' ? name : `node:${name}`
  const known = MapPrototypeGet(nodeValues, full)
  if (known !== undefined) return known
  try {
    if (nodeExports === undefined) makeNodeExports()
    if (!ObjectHasOwn(nodeExports, full)) throw refusedModule(name, full, from)
    const value = nodeExports[full]
    MapPrototypeSet(nodeValues, full, value)
    return value
  } catch (error) {
    nodeExports = undefined
    throw error
  }
}

/** What `import` answers for it: its exports as `default`, and each of their own names.
 * @param {string} name @param {string} from */
const nodeNamespace = (name, from) => {
  const known = MapPrototypeGet(nodeNamespaces, name)
  if (known !== undefined) return known
  const value = nodeModule(name, from)
  const namespace = createNamespace()
  defineOwn(namespace, 'default', value)
  copyExports(namespace, value)
  MapPrototypeSet(nodeNamespaces, name, namespace)
  return namespace
}
