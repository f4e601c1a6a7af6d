// The web platform, made by libraries inside the guest's realm, each part when the guest first touches it.
//
// The libraries are no part of the kernel: they look things up like any program and may be fooled by a guest that replaces
// what they use, which spoils that guest's own web platform and nothing else. They are given only what every guest has
// (timers, clones, the guest's clock), keys for randomness that no other realm has, and the host function behind `fetch` where
// that was granted, so what a guest tricks out of them is what it had.

/** @type {any} */
let webPlatform
/** @type {any} */
let webExports

/** The error as the web platform has it, where the guest may touch that.
 * @param {any} error one of ours */
const domException = (error) =>
  webPlatform === undefined ? error : ReflectConstruct(webValue('DOMException'), [error.message, error.name])

/** What the libraries are given instead of a host. */
const webHost = ObjectFreeze({
  __proto__: null,
  clearTimeout: timerFunctions.clearTimeout,
  now: () => guestNow(),
  queueMicrotask: globalFunctions.queueMicrotask,
  reportError: globalFunctions.reportError,
  setPlatformKind,
  get send() {
    return fetchFunction()
  },
  setTimeout: timerFunctions.setTimeout,
  structuredClone: globalFunctions.structuredClone,
  takeSeed: () => takeSeed(),
  get timeOrigin() {
    return webOrigin
  },
})
/** When the realm was given its program, by the guest's clock. */
let webOrigin = 0

let webSeeds = ''

/** The host function behind `fetch`, where it was granted. */
const fetchFunction = () => {
  const namespace = hostNamespace('ringfence:web')
  return namespace === undefined || !ObjectHasOwn(namespace, 'fetch') ? undefined : namespace.fetch
}

/** As base64, how long one is: 32 bytes. */
const SEED_LENGTH = 44

/** A key for the guest's generator of randomness. None is handed out twice, since libraries that failed are run anew, and
 * the same values would come again. */
const takeSeed = () => {
  const seed = StringPrototypeSlice(webSeeds, 0, SEED_LENGTH)
  if (seed === '') throw new ErrorCtor('Cannot make randomness: there is no seed left')
  const bytes = decodeBase64(seed)
  webSeeds = StringPrototypeSlice(webSeeds, SEED_LENGTH)
  return bytes
}

/** What was handed out stays what it is. */
const webValues = new MapCtor()

/** What a name stands for. A guest that made the libraries fail, by a stack that was all but used up for instance, may try
 * again: they are run anew then, since each remembers that it failed.
 * @param {string} name */
const webValue = (name) => {
  const known = MapPrototypeGet(webValues, name)
  if (known !== undefined) return known
  try {
    if (webExports === undefined) makeWebExports()
    const value = webExports[name]
    MapPrototypeSet(webValues, name, value)
    return value
  } catch (error) {
    webExports = undefined
    throw error
  }
}

/** Runs the outermost code of the libraries. What a guest makes them do in the meantime finds what is there so far. */
const makeWebExports = () => {
  const exports = ObjectCreate(null)
  const names = createWebNames()
  const require = (/** @type {string} */ wanted) => (wanted === 'ringfence:host' ? webHost : names)
  webExports = exports
  ReflectApply(webPlatform.run, undefined, [{ __proto__: null, exports }, exports, require])
}

/** The names as the libraries see them, each made when it is read. */
const createWebNames = () => {
  const names = ObjectCreate(null)
  for (let i = 0; i < webPlatform.names.length; i += 1) {
    const name = webPlatform.names[i][0]
    const get = () => webValue(name)
    ObjectDefineProperty(names, name, /** @type {any} */ ({ __proto__: null, get, enumerable: true }))
  }
  return names
}

/** Puts a name on the global object. It becomes an ordinary property when it is first read or written.
 * @param {string} name @param {boolean} enumerable */
const installWebName = (name, enumerable) => {
  const accessor = {
    __proto__: null,
    get() {
      const value = webValue(name)
      const now = ObjectGetOwnPropertyDescriptor(globalThis, name)
      // Whoever kept this function from before the name was replaced changes nothing by calling it.
      const isOurs = now !== undefined && ObjectHasOwn(now, 'get') && now.get === accessor.get
      if (isOurs && now.configurable) defineOwn(globalThis, name, value, enumerable)
      return value
    },
    set(/** @type {unknown} */ value) {
      const receiver = /** @type {unknown} */ (this ?? globalThis)
      if (receiver === globalThis) defineOwn(globalThis, name, value, enumerable)
      else if (typeof receiver === 'object' && receiver !== null) defineOwn(receiver, name, value)
    },
    enumerable,
    configurable: true,
  }
  ObjectDefineProperty(globalThis, name, /** @type {any} */ (accessor))
}

/** Installs the names that the program may touch.
 * @param {readonly string[] | 'all' | undefined} wanted @param {string} [seeds] */
const installWeb = (wanted, seeds = '') => {
  webSeeds = seeds
  if (wanted === undefined) return
  webOrigin = guestNow()
  for (let i = 0; i < webPlatform.names.length; i += 1) {
    const name = webPlatform.names[i][0]
    if (wanted === 'all' || isAmong(wanted, name)) installWebName(name, webPlatform.names[i][1])
  }
  const mayFetch = fetchFunction() !== undefined && (wanted === 'all' || isAmong(wanted, 'fetch'))
  if (mayFetch) installWebName('fetch', true)
}

/** @param {readonly string[]} list @param {string} name */
const isAmong = (list, name) => {
  for (let i = 0; i < list.length; i += 1) if (list[i] === name) return true
  return false
}
