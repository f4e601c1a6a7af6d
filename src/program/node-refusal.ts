import { builtinModules } from 'node:module'

const BUILT_IN: ReadonlySet<string> = new Set(builtinModules.map((name) => name.replace(/^node:/, '')))

const NETWORK = 'it reaches the network, and a guest reaches only the hosts that "fetch" grants'
const FILES = 'it reaches files, and a guest has none'
const PROCESSES = 'it reaches processes and threads, and a guest has only its own sandbox'
const ENGINE = 'it looks into the engine or the host, which no guest may'

/** Why a module of Node cannot be had, by the first part of its name. */
const REASONS: Readonly<Record<string, string>> = {
  fs: FILES,
  sqlite: FILES,
  net: NETWORK,
  http: NETWORK,
  http2: NETWORK,
  https: NETWORK,
  tls: NETWORK,
  dns: NETWORK,
  dgram: NETWORK,
  child_process: PROCESSES,
  cluster: PROCESSES,
  worker_threads: PROCESSES,
  process: 'it is about the process of the host, which no guest may see',
  os: 'it tells of the machine, which no guest may know',
  vm: ENGINE,
  v8: ENGINE,
  inspector: ENGINE,
  diagnostics_channel: ENGINE,
  perf_hooks: ENGINE,
  trace_events: ENGINE,
  module: 'it loads code from files, and a guest has none',
  crypto: 'it is made of native code; the global "crypto" has the Web Crypto API',
  zlib: 'it is made of native code; the global "CompressionStream" compresses',
  async_hooks: 'a realm has no hooks into what V8 does at an "await"',
}

/** Why a specifier that means a module of Node is refused where the modules of Node are offered; nothing for any other. */
export const nodeRefusal = (specifier: string): string | undefined => {
  const name = specifier.replace(/^node:/, '')
  if (!specifier.startsWith('node:') && !BUILT_IN.has(name)) return undefined
  const [first = name] = name.split('/')
  const known = Object.hasOwn(REASONS, first) ? REASONS[first] : undefined
  return known ?? 'it is not among the modules of Node that are offered'
}
