// Who implements which algorithm, each evaluated when it is first named.

const hashes = () => require('./hashes.js')
const aes = () => require('./aes.js')
const derive = () => require('./derive.js')
const weierstrass = () => require('./weierstrass.js')
const edwards = () => require('./edwards.js')

const LOADERS = {
  __proto__: null,
  'SHA-1': hashes,
  'SHA-256': hashes,
  'SHA-384': hashes,
  'SHA-512': hashes,
  HMAC: () => require('./mac.js'),
  'AES-CBC': aes,
  'AES-CTR': aes,
  'AES-GCM': aes,
  'AES-KW': aes,
  HKDF: derive,
  PBKDF2: derive,
  ECDSA: weierstrass,
  ECDH: weierstrass,
  Ed25519: edwards,
  X25519: edwards,
}

const NAMES = Object.keys(LOADERS)

/** An algorithm by its name, in whatever case. */
exports.find = (wanted) => {
  const name = NAMES.find((known) => known.toUpperCase() === wanted.toUpperCase())
  return name === undefined ? undefined : { name, operations: LOADERS[name]().algorithms[name] }
}
