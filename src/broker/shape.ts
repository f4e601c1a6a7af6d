/** Reads a plain object of options, or says that it is not one. */
export function expectRecord(value: unknown, name: string, attempt: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value
  throw new TypeError(`${attempt}: ${name} must be an object, received ${described(value)}`)
}

/** Refuses options nobody reads: one that is accepted and ignored would be taken for one that holds. */
export function expectKnownKeys(
  record: Readonly<Record<string, unknown>>,
  known: readonly string[],
  name: string,
  attempt: string,
): void {
  for (const key of Object.keys(record)) {
    if (known.includes(key)) continue
    throw new TypeError(`${attempt}: ${name} must not have a key "${key}", which is not known`)
  }
}

/** Reads a text that is not empty. */
export function expectText(value: unknown, name: string, attempt: string): string {
  if (typeof value !== 'string') {
    throw new TypeError(`${attempt}: ${name} must be a string, received ${described(value)}`)
  }
  if (value === '') throw new RangeError(`${attempt}: ${name} must not be empty`)
  return value
}

/** Reads one of a few words. */
export function expectOneOf<const Word extends string>(
  value: unknown,
  words: readonly Word[],
  name: string,
  attempt: string,
): Word {
  const word = words.find((candidate) => candidate === value)
  if (word !== undefined) return word
  const problem = `${attempt}: ${name} must be one of ${words.map((one) => `"${one}"`).join(', ')}, received ${described(value)}`
  throw typeof value === 'string' ? new RangeError(problem) : new TypeError(problem)
}

/** Reads a whole number no lower than `min`. */
export function expectWhole(value: unknown, min: number, name: string, attempt: string): number {
  if (typeof value !== 'number') {
    throw new TypeError(`${attempt}: ${name} must be a number, received ${described(value)}`)
  }
  if (!Number.isSafeInteger(value) || value < min) {
    throw new RangeError(`${attempt}: ${name} must be a whole number of at least ${min}, received ${value}`)
  }
  return value
}

/** Reads an abort signal. */
export function expectSignal(value: unknown, name: string, attempt: string): AbortSignal {
  if (value instanceof AbortSignal) return value
  throw new TypeError(`${attempt}: ${name} must be an AbortSignal, received ${described(value)}`)
}

/** Whether a value is an object whose keys may be read. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Names a value in an error message without running any of its code. */
export function described(value: unknown): string {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'string':
      return `"${value}"`
    case 'number':
    case 'bigint':
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'object':
      return Array.isArray(value) ? 'an array' : 'an object'
    case 'function':
    case 'symbol':
      break
  }
  return `a ${typeof value}`
}
