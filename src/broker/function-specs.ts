import type { Data } from '../core/types.ts'
import type { HostFunctionDefinition } from './host-functions.ts'
import type { ArgumentsSchema, HostCall } from './options.ts'
import { described, expectKnownKeys, expectRecord, isRecord } from './shape.ts'

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u

/** Reads the functions of one module. Their names become names in the guest, so they must be identifiers. */
export function parseFunctions(value: unknown, module: string, attempt: string): readonly HostFunctionDefinition[] {
  const record = expectRecord(value, `the functions of module "${module}"`, attempt)
  return Object.entries(record).map(([name, spec]) => {
    // A guest's table of functions with a key `__proto__` would be given another prototype instead of a function.
    if (!IDENTIFIER.test(name) || name === '__proto__') {
      throw new RangeError(`${attempt}: the name of a function must be an identifier, received "${name}"`)
    }
    return parseFunction(spec, `${module}/${name}`, attempt)
  })
}

function parseFunction(spec: unknown, name: string, attempt: string): HostFunctionDefinition {
  if (isHostCall(spec)) return { name, sync: false, call: (given) => spec(...given) }
  if (!isRecord(spec)) {
    throw new TypeError(`${attempt}: function "${name}" must be a function or an object, received ${described(spec)}`)
  }
  expectKnownKeys(spec, ['call', 'sync', 'args'], `function "${name}"`, attempt)
  const { call, sync = false, args } = spec
  if (!isHostCall(call)) {
    throw new TypeError(`${attempt}: "call" of function "${name}" must be a function, received ${described(call)}`)
  }
  if (typeof sync !== 'boolean') {
    throw new TypeError(`${attempt}: "sync" of function "${name}" must be true or false, received ${described(sync)}`)
  }
  const lent = { name, sync, call: (given: readonly Data[]): Data => call(...given) }
  if (args === undefined) return lent
  if (!isArgumentsSchema(args)) {
    throw new TypeError(`${attempt}: "args" of function "${name}" must be a schema, received ${described(args)}`)
  }
  return { ...lent, args }
}

function isHostCall(value: unknown): value is HostCall {
  return typeof value === 'function'
}

function isArgumentsSchema(value: unknown): value is ArgumentsSchema {
  return (
    typeof value === 'object' &&
    value !== null &&
    'safeParse' in value &&
    typeof value.safeParse === 'function' &&
    'safeParseAsync' in value &&
    typeof value.safeParseAsync === 'function'
  )
}
