import assert from 'node:assert/strict'
import { describe, expect, it } from 'vitest'
import { lend } from '../../src/broker/host-functions.ts'
import { decode } from '../../src/core/codec.ts'
import { RingfenceError } from '../../src/core/errors.ts'
import { HostState } from './host-state.ts'

/** What a far side could send once it is in its guest's hands: texts that no codec of ours would write. */
const FORGED: readonly (readonly [title: string, why: string, text: string])[] = [
  [
    '__proto__ in the table form',
    'assignment calls the setter',
    'T[[[1],["O","__proto__",[2],"a",1],["O","polluted",1]],[]]',
  ],
  ['__proto__ in JSON', 'merging calls the setter', 'J{"__proto__":{"polluted":1}}'],
  [
    '__proto__ on an array',
    'names of arrays take another way',
    'T[[[1],["X",2,"__proto__",[2]],["O","polluted",1]],[]]',
  ],
  [
    '__proto__ on an error',
    'hidden keys take another way',
    'T[[[1],["E","Error",["__proto__",[2]],"__proto__",[2]],["O","polluted",1]],[]]',
  ],
  ['an accessor for a key', 'defining takes what it is given', 'T[[[1],["O","get",1,"set",1,"value",2]],[]]'],
  ['a then', 'awaiting the value would call it', 'T[[[1],["O","then",[2]],["E","Error",[]]],[]]'],
  ['a constructor', 'checks by class ask for it', 'T[[[1],["O","constructor",[2]],["O","name","Array"]],[]]'],
  ['a shell within itself', 'a walk without end', 'T[[[1],["A",[1],[2]],["M",[1],[2]]],[]]'],
  ['a row of the table itself', 'row 0 is the root', 'T[[[0]],[]]'],
  ['a row that is not there', 'lists answer undefined', 'T[[[9],["O"]],[]]'],
  ['a negative row', 'lists have names', 'T[[[-1],["O"]],[]]'],
  ['a row by its name', 'names of lists are methods', 'T[[["length"],["O"]],[]]'],
  ['a kind from the prototype', 'kinds were looked up in an object', 'T[[[1],["__proto__"]],[]]'],
  ['an error from the prototype', 'constructors were looked up in an object', 'T[[[1],["E","__proto__",[]]],[]]'],
  ['an error that is no error', 'constructors were looked up by name', 'T[[[1],["E","Function",[],"a",1]],[]]'],
  ['a view of no kind', 'constructors were looked up by name', 'T[[[1],["V","constructor",0,0,1]],["AAAA"]]'],
  ['a view past its bytes', 'offsets were trusted', 'T[[[1],["V","Uint8Array",0,0,4294967295]],["AAAA"]]'],
  [
    'a view before its bytes',
    'a window was subtracted',
    'T[[[1],["V","Uint8Array",0,0,1]],[["AAAA",9007199254740991]]]',
  ],
  ['a view of fractions', 'numbers are not integers', 'T[[[1],["V","Uint8Array",0,0.5,1.5]],["AAAA"]]'],
  ['a length past the longest', 'lengths wrap', 'T[[[1],["X",4294967296]],[]]'],
  ['a length changed afterwards', 'length is a key', 'T[[[1],["X",1,"length",4294967295]],[]]'],
  ['a date that is none', 'dates take text', 'T[[[1],["D","2020"]],[]]'],
  ['a boxed object', 'Object of an object is itself', 'T[[[1],["B",[1]]],[]]'],
  ['a bigint that is code', 'digits were not checked', 'T[["n","1n);process.exit(("],[]]'],
  ['a bigint without digits', 'an empty text is zero', 'T[[["n",""]],[]]'],
  ['flags that are none', 'the message of the engine quotes them', 'T[[[1],["R","a","\\u0000"]],[]]'],
  [
    'a pattern that is long to build',
    'it is built on this thread',
    `T[[[1],["R",${JSON.stringify(`[${String.raw`\W`.repeat(50_000)}]`)},"iu"]],[]]`,
  ],
  [
    'patterns that are long to build',
    'each alone is short',
    `T[[[1]${`,["R",${JSON.stringify(String.raw`[\W\W\W\W]`)},"iu"]`.repeat(10_000)}],[]]`,
  ],
  ['nesting', 'each level is a frame', `J${'['.repeat(200_000)}${']'.repeat(200_000)}`],
  ['a list of holes', 'whoever walks it never comes back', 'T[[[1],["X",4294967295]],[]]'],
  ['lists of holes', 'lengths cost memory', `T[[[1]${',["X",60000]'.repeat(1000)}],[]]`],
  ['many lists of holes', 'each alone is short', `T[[[1]${',["X",60000]'.repeat(2000)}],[]]`],
  ['no text at all', 'the first character was read', ''],
  ['a text cut in half', 'the parser quotes what it saw', 'T[[[1],["O","host-canary'],
]

/** What comes of a text: the value, or the error. */
function readingOf(text: string): unknown {
  try {
    return decode(text)
  } catch (error) {
    assert.ok(error instanceof RingfenceError && error.code === 'RF_PROTOCOL_VIOLATION', String(error))
    return error.message
  }
}

describe('a far side in the hands of its guest', () => {
  it.each(FORGED)('does nothing to the host by %s, since %s', (_, __, text) => {
    const host = new HostState()
    const since = performance.now()
    const value = readingOf(text)
    expect(Reflect.get(Object(value) as object, 'polluted')).toBeUndefined()
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(typeof value === 'string' ? value : '').not.toContain('host-canary')
    expect(() => host.check()).not.toThrow()
    expect(performance.now() - since).toBeLessThan(10_000)
    host.restore()
  })

  it.each([
    ['a list of holes', 'T[[[1],["X",30000000]],[]]'],
    ['no list', 'J{"length":1e9}'],
    ['text', 'Stext'],
  ])('cannot have a function of the host called with %s', (_, text) => {
    let calls = 0
    const definition = { name: 'host/f', sync: true, call: (...args: unknown[]) => void (calls += args.length + 1) }
    const box = {
      caller: {
        id: 'id',
        countHostCall: () => true,
        wasEnded: () => false,
        putChunk: () => undefined,
        takeInput: () => undefined,
      },
    }
    const lent = lend([definition], box, () => {}).get('host/f')
    assert.ok(lent)
    expect(() => lent.invoke(text, new AbortController().signal)).toThrow('the arguments must be a list')
    expect(calls).toBe(0)
  })
})
