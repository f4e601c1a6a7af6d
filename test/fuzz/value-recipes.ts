import * as fc from 'fast-check'

/** What stands in a slot of a recipe: a primitive, or an object of the recipe by its number. */
type Cell = { readonly primitive: unknown } | { readonly node: number }

const OBJECT_KINDS = ['object', 'bare', 'array', 'sparse', 'map', 'set', 'error', 'boxed'] as const
const LEAF_KINDS = ['date', 'regexp', 'buffer', 'view'] as const
const ERRORS = [Error, TypeError, RangeError, SyntaxError, EvalError, ReferenceError, URIError]
const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
]
const PATTERNS = [/a/, /[/\]]/gu, /(?<n>.)\k<n>/dgimsy, /[a--b]/v, /\ud800/, /\//]

const primitive: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(undefined, null, true, false, 0, -0, Number.NaN, Infinity, -Infinity, 5e-324, 2 ** 53),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', '\udc00x', '\u2028', '"', '\\', '\0', ''),
)
const key = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'toJSON',
    'then',
    'length',
    '0',
    '-1',
    '4294967295',
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
)
const cell: fc.Arbitrary<Cell> = fc.oneof(
  primitive.map((value) => ({ primitive: value })),
  fc.nat(30).map((node) => ({ node })),
)
const node = fc.record({
  kind: fc.constantFrom(...OBJECT_KINDS, ...OBJECT_KINDS, ...LEAF_KINDS),
  slots: fc.array(fc.tuple(key, cell), { maxLength: 6 }),
  number: fc.oneof(fc.nat(40), fc.nat(2 ** 32 - 1)),
})
type Node = typeof node extends fc.Arbitrary<infer T> ? T : never

/** Sets a property as data, whatever it is called. */
function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
}

function boxOf({ slots: [slot] }: Node): object {
  const value = slot !== undefined && 'primitive' in slot[1] ? slot[1].primitive : 1
  return Object(value ?? 'box') as object
}

function shellOf(given: Node, views: readonly ArrayBuffer[]): object {
  const { kind, number } = given
  const buffer = views[number % Math.max(1, views.length)] ?? new ArrayBuffer(32)
  if (kind === 'bare') return Object.create(null) as object
  if (kind === 'array') return []
  // All of one value together stay below the bound on holes.
  if (kind === 'sparse') return Object.assign([], { length: number % 2 ** 20 })
  if (kind === 'map') return new Map()
  if (kind === 'set') return new Set()
  if (kind === 'error') return new (ERRORS[number % ERRORS.length] ?? Error)(`message ${number}`)
  if (kind === 'boxed') return boxOf(given)
  if (kind === 'date') return new Date(number % 5 === 0 ? Number.NaN : number)
  if (kind === 'regexp') return PATTERNS[number % PATTERNS.length] ?? /x/
  if (kind === 'buffer') return buffer
  if (kind === 'view') return new (VIEWS[number % VIEWS.length] ?? Uint8Array)(buffer, 8 * (number % 3), number % 2)
  return {}
}

function fill(target: object, { kind, slots }: Node, valueOf: (cell: Cell) => unknown): void {
  for (const [name, given] of slots) {
    const value = valueOf(given)
    if (target instanceof Map) target.set(valueOf({ primitive: name }), value)
    else if (target instanceof Set) target.add(value)
    else if (kind === 'array') (target as unknown[]).push(value)
    else if (kind === 'sparse') {
      if (name !== 'length') define(target, name, value)
    } else if (kind === 'object' || kind === 'bare') define(target, name, value)
  }
  const [first] = slots
  if (target instanceof Error && first !== undefined) {
    Object.defineProperty(target, 'cause', { value: valueOf(first[1]), configurable: true, writable: true })
  }
}

/** Builds the value of a recipe: its nodes may hold one another, and themselves. */
function build([root, nodes]: readonly [Cell, readonly Node[]]): unknown {
  const buffers = nodes.slice(0, 3).map(({ number }) => {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => (number * 31 + index * 7) % 256)
    return bytes.buffer
  })
  const shells = nodes.map((given) => shellOf(given, buffers))
  const valueOf = (given: Cell): unknown =>
    'primitive' in given ? given.primitive : (shells[given.node % Math.max(1, shells.length)] ?? null)
  for (const [index, given] of nodes.entries()) {
    const shell = shells[index]
    if (shell !== undefined) fill(shell, given, valueOf)
  }
  return valueOf(root)
}

/** All that structured clone carries: cycles, shared references, holes, odd names, every kind of object. */
export const values: fc.Arbitrary<unknown> = fc.tuple(cell, fc.array(node, { minLength: 1, maxLength: 14 })).map(build)
