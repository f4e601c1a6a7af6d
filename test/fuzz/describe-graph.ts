/** How many objects and bytes a value holds. */
export interface Size {
  readonly objects: number
  readonly bytes: number
}

const hex = (buffer: ArrayBufferLike, offset = 0, length = buffer.byteLength): string =>
  Buffer.from(buffer, offset, length).toString('hex')

const primitiveText = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  return Object.is(value, -0) ? '-0' : `${typeof value} ${String(value)}`
}

/** What an object is, apart from the objects it holds. */
function kindText(value: object): string {
  if (value instanceof Date) return `date ${value.getTime()}`
  if (value instanceof RegExp) return `regexp ${String(value)}`
  if (value instanceof ArrayBuffer) return `buffer ${hex(value)}`
  if (ArrayBuffer.isView(value)) {
    return `${value.constructor.name} ${hex(value.buffer, value.byteOffset, value.byteLength)}`
  }
  if (value instanceof Error) return `${value.constructor.name} ${JSON.stringify([value.name, value.message])}`
  const boxed = [String, Number, Boolean, BigInt].find((type) => value instanceof type)
  if (boxed !== undefined) return `${boxed.name} ${primitiveText(value.valueOf())}`
  return Array.isArray(value) ? `array ${value.length}` : value.constructor === undefined ? 'object' : kindByTag(value)
}

const kindByTag = (value: object): string => Object.prototype.toString.call(value)

/** The values an object holds, each after what it is called there. Of errors only what every engine clones. */
function* contents(value: object): Generator<readonly [name: string, held: unknown]> {
  if (value instanceof Map) {
    for (const [key, held] of value) {
      yield ['key', key]
      yield ['value', held]
    }
  } else if (value instanceof Set) for (const held of value) yield ['entry', held]
  else if (value instanceof Error) {
    if (Object.hasOwn(value, 'cause')) yield ['cause', value.cause]
  } else if (ArrayBuffer.isView(value) || kindByTag(value) === '[object String]') return
  else for (const key of Object.keys(value)) yield [key, Reflect.get(value, key)]
}

/** A value as text that is the same for two values if, and only if, they are the same graph of the same kinds. */
export function describeGraph(root: unknown): string {
  const numbers = new Map<object, number>()
  const parts: string[] = []
  const nameOf = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return primitiveText(value)
    const number = numbers.get(value) ?? numbers.size
    numbers.set(value, number)
    return `#${number}`
  }
  parts.push(nameOf(root))
  for (const [value, number] of numbers) {
    const held = [...contents(value)].map(([name, child]) => `${JSON.stringify(name)}: ${nameOf(child)}`)
    parts.push(`#${number} ${kindText(value)} { ${held.join(', ')} }`)
  }
  return parts.join('\n')
}

/** Counts what a value holds, each object and each buffer once. */
export function sizeOf(root: unknown): Size {
  const seen = new Set<object>()
  const meet = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) seen.add(value)
  }
  let bytes = 0
  meet(root)
  for (const value of seen) {
    if (ArrayBuffer.isView(value)) meet(value.buffer)
    if (value instanceof ArrayBuffer) bytes += value.byteLength
    for (const [, held] of contents(value)) meet(held)
  }
  return { objects: seen.size, bytes }
}
