import type { BlockList } from 'node:net'
import { rangesOf } from './addresses.ts'

/** What a guest may fetch. Without it there is no `fetch`. */
export interface FetchOptions {
  /**
   * The hosts it may ask: `api.example.com`, `*.example.com` for every name below it, `*` for all; with a port where that is
   * not the scheme's own, as in `api.example.com:8443`.
   */
  readonly hosts: readonly string[]
  /** By default `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE` and `OPTIONS`. */
  readonly methods?: readonly string[]
  /** The longest body of a request; 1 MiB by default, at most 2 MiB. */
  readonly maxRequestBytes?: number
  /** The longest body of an answer, decompressed; 1 MiB by default, at most 64 MiB. */
  readonly maxBodyBytes?: number
  /** How long a request may take, redirections and the reading of the answer included; 10 s by default. */
  readonly timeoutMs?: number
  /**
   * Addresses and ranges that may be connected to although they are not of the public Internet, as `10.1.2.0/24`. A name is
   * looked up and held to this; being among `hosts` does not help it.
   */
  readonly privateAddresses?: readonly string[]
}

/** Which hosts a pattern means. */
export interface HostPattern {
  /** Undefined means any. */
  readonly name: string | undefined
  /** Whether it means what lies below the name, instead of the name. */
  readonly below: boolean
  /** Undefined means the port of the scheme. */
  readonly port: number | undefined
}

/** What was granted, with nothing left open. */
export interface FetchGrant {
  readonly hosts: readonly HostPattern[]
  readonly methods: ReadonlySet<string>
  readonly maxRequestBytes: number
  readonly maxBodyBytes: number
  readonly timeoutMs: number
  readonly privateAddresses: BlockList
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const KEYS = ['hosts', 'methods', 'maxRequestBytes', 'maxBodyBytes', 'timeoutMs', 'privateAddresses']
const MIB = 2 ** 20
/** What a kernel writes of the arguments of a host function is no longer than this allows. */
const MOST_REQUEST_BYTES = 2 * MIB
const MOST_BODY_BYTES = 64 * MIB
const MOST_MS = 600_000

/** Reads what a guest may fetch. Throws `TypeError` or `RangeError`, naming the option. */
export const parseFetch = (value: unknown, attempt: string): FetchGrant => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${attempt}: "fetch" must be an object`)
  }
  const fields: Readonly<Record<string, unknown>> = { ...value }
  for (const key of Object.keys(fields)) {
    if (!KEYS.includes(key)) throw new TypeError(`${attempt}: "fetch" must not have a key "${key}", which is not known`)
  }
  const whole = (name: string, most: number, otherwise: number): number =>
    fields[name] === undefined ? otherwise : wholeOf(fields[name], most, `"fetch.${name}"`, attempt)
  const hosts = textsOf(fields['hosts'], '"fetch.hosts"', attempt).map((host) => patternOf(host, attempt))
  const methods = fields['methods'] === undefined ? METHODS : textsOf(fields['methods'], '"fetch.methods"', attempt)
  const ranges = textsOf(fields['privateAddresses'] ?? [], '"fetch.privateAddresses"', attempt)
  const privateAddresses = rangesOf(ranges)
  if (privateAddresses === undefined) {
    throw new RangeError(
      `${attempt}: "fetch.privateAddresses" must be addresses and ranges, received ${ranges.join(', ')}`,
    )
  }
  for (const method of methods) {
    if (METHODS.includes(method)) continue
    throw new RangeError(`${attempt}: "fetch.methods" must be of ${METHODS.join(', ')}, received "${method}"`)
  }
  return {
    hosts,
    methods: new Set(methods),
    maxRequestBytes: whole('maxRequestBytes', MOST_REQUEST_BYTES, MIB),
    maxBodyBytes: whole('maxBodyBytes', MOST_BODY_BYTES, MIB),
    timeoutMs: whole('timeoutMs', MOST_MS, 10_000),
    privateAddresses,
  }
}

const textsOf = (value: unknown, name: string, attempt: string): readonly string[] => {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.map(String)
  throw new TypeError(`${attempt}: ${name} must be a list of strings`)
}

const wholeOf = (value: unknown, most: number, name: string, attempt: string): number => {
  if (typeof value !== 'number') throw new TypeError(`${attempt}: ${name} must be a number`)
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value
  throw new RangeError(`${attempt}: ${name} must be a whole number from 1 to ${most}, received ${value}`)
}

const PATTERN = /^(\*|(?:\*\.)?(?:[^\s*/?#@:[\]]+|\[[^\s/?#@\]]+\]))(?::(\d+))?$/

/** Hosts are compared as URLs write them, so a pattern is read like the host of one. */
const patternOf = (text: string, attempt: string): HostPattern => {
  const [, host = '', port] = PATTERN.exec(text) ?? []
  const below = host.startsWith('*.')
  const name = below ? host.slice(2) : host
  const url = host === '*' ? undefined : URL.parse(`http://${name}/`)
  if (host === '' || url === null || Number(port ?? 0) > 65_535) {
    throw new RangeError(`${attempt}: "fetch.hosts" must be names of hosts, received "${text}"`)
  }
  return { name: url?.hostname, below, port: port === undefined ? undefined : Number(port) }
}

/** Whether a guest may ask the host of a URL. */
export const mayAsk = ({ hosts }: FetchGrant, { hostname, port, protocol }: URL): boolean =>
  hosts.some((pattern) => {
    // A URL names no port where it is the scheme's.
    const own = protocol === 'https:' ? 443 : 80
    if ((pattern.port ?? own) !== (port === '' ? own : Number(port))) return false
    if (pattern.name === undefined) return true
    return pattern.below ? hostname.endsWith(`.${pattern.name}`) : hostname === pattern.name
  })
