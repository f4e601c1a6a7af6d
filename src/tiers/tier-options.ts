import { JAIL_CHOICES, type JailChoice } from '../jail/find-jail.ts'
import { TRANSPORTS, type Transport } from '../jail/pipe.ts'
import type { HostPoolOptions } from './isolate/host-pool.ts'
import { SHARINGS, type Sharing } from './isolate/lease.ts'
import type { Placement } from './isolate/tier.ts'
import type { ProcessTierOptions } from './process/tier.ts'
import { RUNTIMES, type RuntimeName } from './wall.ts'

/** The options of tiers with nothing left open. */
export interface TierSettings {
  readonly placement: Placement
  readonly hosts: HostPoolOptions
  readonly process: ProcessTierOptions
}

/** Reads what a caller says about tiers. Throws `TypeError` or `RangeError`, naming the option. */
export const parseTierOptions = (options: Readonly<Record<string, unknown>>): TierSettings => {
  const {
    placement,
    hosts,
    jail: hostJail,
    cgroup: hostGroup,
  } = fieldsOf(options, 'isolate', ['placement', 'hosts', 'jail', 'cgroup'])
  const { sharing } = options
  const { commandPrefix, transport, runtime, spares, jail, cgroup } = fieldsOf(options, 'process', [
    'commandPrefix',
    'transport',
    'runtime',
    'spares',
    'jail',
    'cgroup',
  ])
  return {
    placement: placement === undefined ? 'process' : placementOf(placement),
    hosts: {
      ...(hosts === undefined ? {} : { hosts: hostsOf(hosts) }),
      ...(sharing === undefined ? {} : { sharing: sharingOf(sharing, placement) }),
      ...(hostGroup === undefined ? {} : { cgroup: groupOf('isolate', hostGroup, hostJail, placement === 'inline') }),
      ...(hostJail === undefined ? {} : { jail: hostJailOf(hostJail, placement) }),
    },
    process: {
      ...(commandPrefix === undefined ? {} : { commandPrefix: commandOf(commandPrefix) }),
      ...(transport === undefined ? {} : { transport: transportOf(transport, commandPrefix) }),
      ...(runtime === undefined ? {} : { runtime: runtimeOf(runtime, commandPrefix) }),
      ...(spares === undefined ? {} : { spares: sparesOf(spares) }),
      ...(cgroup === undefined ? {} : { cgroup: groupOf('process', cgroup, jail, commandPrefix !== undefined) }),
      ...(jail === undefined ? {} : { jail: childJailOf(jail, commandPrefix, runtime) }),
    },
  }
}

const MAX_SPARES = 64
const ATTEMPT = 'Cannot create broker'

const fieldsOf = (
  options: Readonly<Record<string, unknown>>,
  name: string,
  known: readonly string[],
): Readonly<Record<string, unknown>> => {
  const value = options[name] ?? {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError(`${ATTEMPT}: "${name}" must be an object`)
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw new TypeError(`${ATTEMPT}: "${name}" has no option "${key}"`)
  }
  return { ...value }
}

const placementOf = (value: unknown): Placement => {
  if (value === 'process' || value === 'inline') return value
  throw new RangeError(`${ATTEMPT}: "isolate.placement" must be "process" or "inline", received ${String(value)}`)
}

const MAX_HOSTS = 1024

const hostsOf = (value: unknown): number => {
  if (typeof value !== 'number') throw new TypeError(`${ATTEMPT}: "isolate.hosts" must be a number`)
  if (Number.isInteger(value) && value >= 1 && value <= MAX_HOSTS) return value
  throw new RangeError(`${ATTEMPT}: "isolate.hosts" must be a whole number from 1 to ${MAX_HOSTS}, received ${value}`)
}

const sharingOf = (value: unknown, placement: unknown): Sharing => {
  const sharing = SHARINGS.find((one) => one === value)
  if (sharing === undefined) {
    throw new RangeError(`${ATTEMPT}: "sharing" must be "trust", "tenant" or "none", received ${String(value)}`)
  }
  if (placement !== 'inline') return sharing
  throw new RangeError(`${ATTEMPT}: "sharing" is about processes, and with "isolate.placement" "inline" there are none`)
}

const jailOf = (name: string, value: unknown): JailChoice => {
  const choice = JAIL_CHOICES.find((one) => one === value)
  if (choice !== undefined) return choice
  const choices = JAIL_CHOICES.map((one) => `"${one}"`).join(', ')
  throw new RangeError(`${ATTEMPT}: "${name}.jail" must be one of ${choices}, received ${String(value)}`)
}

const hostJailOf = (value: unknown, placement: unknown): JailChoice => {
  if (placement !== 'inline') return jailOf('isolate', value)
  throw new RangeError(
    `${ATTEMPT}: "isolate.jail" is about processes, and with "isolate.placement" "inline" there are none`,
  )
}

const childJailOf = (value: unknown, commandPrefix: unknown, runtime: unknown): JailChoice => {
  if (commandPrefix === undefined && runtime === undefined) return jailOf('process', value)
  const other = runtime === undefined ? 'commandPrefix' : 'runtime'
  throw new RangeError(`${ATTEMPT}: "process.jail" and "process.${other}" exclude each other`)
}

const transportOf = (value: unknown, commandPrefix: unknown): Transport => {
  if (commandPrefix === undefined) {
    throw new RangeError(`${ATTEMPT}: "process.transport" is how "process.commandPrefix" is passed, which is not there`)
  }
  const transport = TRANSPORTS.find((one) => one === value)
  if (transport !== undefined) return transport
  throw new RangeError(`${ATTEMPT}: "process.transport" must be "descriptor" or "stdio", received ${String(value)}`)
}

const runtimeOf = (value: unknown, commandPrefix: unknown): RuntimeName => {
  if (commandPrefix !== undefined) {
    throw new RangeError(`${ATTEMPT}: "process.runtime" and "process.commandPrefix" exclude each other`)
  }
  const runtime = RUNTIMES.find((one) => one === value)
  if (runtime !== undefined) return runtime
  throw new RangeError(`${ATTEMPT}: "process.runtime" must be "gvisor", received ${String(value)}`)
}

const groupOf = (name: string, value: unknown, jail: unknown, jailless: boolean): string => {
  if (typeof value !== 'string' || !value.startsWith('/')) {
    throw new TypeError(`${ATTEMPT}: "${name}.cgroup" must be the absolute path of a folder`)
  }
  if (jail !== 'none' && !jailless) return value
  throw new RangeError(`${ATTEMPT}: "${name}.cgroup" is joined by jails, and with the other options there are none`)
}

const commandOf = (value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.every((part) => typeof part === 'string' && part !== '')) return value.map(String)
  throw new TypeError(`${ATTEMPT}: "process.commandPrefix" must be a list of strings`)
}

const sparesOf = (value: unknown): number => {
  if (typeof value !== 'number') throw new TypeError(`${ATTEMPT}: "process.spares" must be a number`)
  if (Number.isInteger(value) && value >= 0 && value <= MAX_SPARES) return value
  throw new RangeError(`${ATTEMPT}: "process.spares" must be a whole number from 0 to ${MAX_SPARES}, received ${value}`)
}
