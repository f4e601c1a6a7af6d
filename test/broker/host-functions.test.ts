import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { AuditEvent } from '../../src/broker/events.ts'
import { parseFunctions } from '../../src/broker/function-specs.ts'
import { type Caller, lend } from '../../src/broker/host-functions.ts'
import type { HostFunctionSpec } from '../../src/broker/options.ts'
import { decode, encode } from '../../src/core/codec.ts'
import type { HostFunction } from '../../src/core/sandbox.ts'
import type { Data } from '../../src/core/types.ts'

const never = new AbortController().signal

interface Scene {
  readonly lent: HostFunction
  readonly audit: AuditEvent[]
  readonly box: { caller: Caller | undefined }
}

function lendOne(spec: HostFunctionSpec, allowed = Number.POSITIVE_INFINITY): Scene {
  let calls = 0
  const caller: Caller = {
    id: 'call-1',
    wasEnded: () => false,
    putChunk: () => undefined,
    takeInput: () => undefined,
    countHostCall: () => {
      calls += 1
      return calls <= allowed
    },
  }
  const box: Scene['box'] = { caller }
  const audit: AuditEvent[] = []
  const lent = lend(parseFunctions({ f: spec }, 'host', 'Cannot run'), box, (event) => audit.push(event)).get('host/f')
  if (lent === undefined) throw new Error('Cannot lend function: it is not in the map')
  return { lent, audit, box }
}

async function callWith({ lent }: Scene, ...args: Data[]): Promise<Data> {
  return decode(await lent.invoke(encode(args), never))
}

async function errorOf(scene: Scene, ...args: Data[]): Promise<Error> {
  try {
    await callWith(scene, ...args)
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('Cannot find an error: the call went well')
}

describe('a host function', () => {
  it('takes decoded arguments and gives an encoded answer', async () => {
    const scene = lendOne(async (sku: string, count: number) => new Map([[sku, count]]))
    expect(scene.lent.sync).toBe(false)
    expect(await callWith(scene, 'a', 2)).toEqual(new Map([['a', 2]]))
  })

  it('answers at once when it is synchronous', () => {
    const { lent } = lendOne({ call: (a: number, b: number) => a + b, sync: true })
    expect(lent.sync).toBe(true)
    expect(lent.invoke(encode([1, 2]), never)).toBe(encode(3))
  })

  it('gives the guest a TypeError when a synchronous one answers with a promise, and handles its rejection', async () => {
    const scene = lendOne({ call: () => Promise.reject(new Error('nobody waits')), sync: true })
    expect(await errorOf(scene)).toMatchObject({
      name: 'TypeError',
      message: 'Cannot call "host/f" synchronously: it answered with a promise',
    })
  })

  it('lets only name and message of what it throws out', async () => {
    class SecretError extends Error {
      override readonly name = 'SecretError'
      readonly password = 'hunter2'
    }
    const thrown = new SecretError('no such sku')
    const error = await errorOf(lendOne(() => Promise.reject(thrown)))
    expect(error).not.toBe(thrown)
    expect(error).not.toHaveProperty('password')
    expect({ name: error.name, message: error.message, stack: error.stack }).toEqual({
      name: 'SecretError',
      message: 'no such sku',
      stack: 'SecretError: no such sku',
    })
  })

  it('turns something thrown that is no error into text', async () => {
    const throwing = (): never => {
      throw 'plain text'
    }
    expect(await errorOf(lendOne(throwing))).toMatchObject({ name: 'Error', message: 'plain text' })
  })

  it('tells the guest when its answer cannot cross the wall', async () => {
    expect((await errorOf(lendOne(() => () => 1))).message).toMatch(/could not be cloned|clone/i)
  })

  it('checks its arguments by the schema and gives what the schema made of them', async () => {
    const scene = lendOne({ call: (a: string) => a, args: z.tuple([z.string().trim()]) })
    expect(await callWith(scene, '  x ')).toBe('x')
    expect(scene.audit).toEqual([])
  })

  it.each([false, true])(
    'refuses arguments the schema does not allow, and tells the audit (sync: %s)',
    async (sync) => {
      let called = false
      const call = (): void => {
        called = true
      }
      const scene = lendOne({ call, sync, args: z.tuple([z.string(), z.object({ count: z.number() })]) })
      const error = await errorOf(scene, 7, { count: 'many' })
      expect(error.name).toBe('TypeError')
      expect(error.message).toMatch(/^Cannot call "host\/f": argument 1: .*string.*; argument 2 at "count": .*number/)
      expect(called).toBe(false)
      expect(scene.audit).toMatchObject([
        {
          kind: 'argument-mismatch',
          id: 'call-1',
          function: 'host/f',
          issues: [{ path: [0] }, { path: [1, 'count'] }],
        },
      ])
    },
  )

  it('refuses arguments that are no list', async () => {
    const { lent } = lendOne(() => 1)
    const call = async (): Promise<string> => lent.invoke(encode({ length: 1 }), never)
    await expect(call()).rejects.toThrow('the arguments must be a list')
  })

  it('does nothing in the name of nobody: between calls, and after the end of one', async () => {
    const scene = lendOne(() => 1)
    const invoke = async (signal: AbortSignal): Promise<string> => scene.lent.invoke(encode([]), signal)
    await expect(invoke(AbortSignal.abort())).rejects.toThrow('no call is running')
    scene.box.caller = undefined
    await expect(invoke(never)).rejects.toThrow('no call is running')
  })

  it('is not called more often than its caller may', async () => {
    const scene = lendOne(() => 1, 1)
    await callWith(scene)
    expect((await errorOf(scene)).message).toContain('limit "hostCalls" is reached')
  })
})

const one = (): number => 1

describe('the names of host functions', () => {
  it.each(['', 'a b', '1a', 'a/b', 'a.b', '__proto__'])('refuses %j', (name) => {
    const record = Object.fromEntries([[name, one]])
    expect(() => parseFunctions(record, 'host', 'Cannot run')).toThrow(RangeError)
  })

  it.each(['a', '$', '_x1', 'größe', 'constructor'])('takes %j', (name) => {
    const record = Object.fromEntries([[name, one]])
    expect(parseFunctions(record, 'kv', 'Cannot run')).toMatchObject([{ name: `kv/${name}`, sync: false }])
  })

  it.each([
    [7, 'must be a function or an object, received 7'],
    [{ sync: true }, '"call" of function "host/f" must be a function, received undefined'],
    [{ call: one, sync: 'yes' }, '"sync" of function "host/f" must be true or false'],
    [{ call: one, args: {} }, '"args" of function "host/f" must be a schema'],
    [{ call: one, async: true }, 'must not have a key "async"'],
  ])('refuses the specification %o', (spec, problem) => {
    expect(() => parseFunctions({ f: spec }, 'host', 'Cannot run')).toThrow(TypeError)
    expect(() => parseFunctions({ f: spec }, 'host', 'Cannot run')).toThrow(problem)
  })
})
