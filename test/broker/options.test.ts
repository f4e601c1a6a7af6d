import type { Logger as PinoLogger } from 'pino'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { createBrokerOf } from '../../src/broker/create-broker.ts'
import type { HostFunctionSpec, Logger, RunOptions } from '../../src/broker/options.ts'
import { FakeTier } from './fake-tier.ts'

const SOURCE = 'export default (x) => x'

describe('the options of a broker', () => {
  it.each<[object, ErrorConstructor, string]>([
    [{ maxConcurent: 2 }, TypeError, 'must not have a key "maxConcurent", which is not known'],
    [{ maxConcurrent: '2' }, TypeError, '"maxConcurrent" must be a number, received "2"'],
    [{ maxConcurrent: 0 }, RangeError, '"maxConcurrent" must be a whole number of at least 1, received 0'],
    [{ maxConcurrent: 1.5 }, RangeError, '"maxConcurrent" must be a whole number'],
    [{ trust: 'root' }, RangeError, '"trust" must be one of'],
    [{ trust: 1 }, TypeError, '"trust" must be one of'],
    [{ logger: { debug() {} } }, TypeError, '"logger" must have the methods'],
    [{ pool: { size: 3 } }, TypeError, '"pool" must not have a key "size"'],
    [{ pool: { min: -1 } }, RangeError, '"pool.min" must be a whole number of at least 0, received -1'],
    [{ pool: { min: 3, max: 2 } }, RangeError, '"pool.min" must be at most "pool.max", received 3 and 2'],
    [{ pool: { idleMs: 2 ** 31 } }, RangeError, '"pool.idleMs" must be at most'],
  ])('are refused when they are %j', (options, kind, problem) => {
    const create = (): unknown => createBrokerOf([], options)
    expect(create).toThrow(kind)
    expect(create).toThrow(`Cannot create broker: ${problem}`.replace(': must', ': the options must'))
  })

  it('are refused when the policy is no policy', () => {
    expect(() => createBrokerOf([], { policy: { levels: { hostile: { floor: 'realm' } } } })).toThrow(
      expect.objectContaining({ code: 'RF_BAD_POLICY' }),
    )
  })

  it('are refused with two tiers of one name', () => {
    expect(() => createBrokerOf([new FakeTier(), new FakeTier()])).toThrow(
      'Cannot create broker: there is more than one tier "isolate"',
    )
  })

  it('raise "max" to a "min" above its default', async () => {
    await using broker = createBrokerOf([new FakeTier()], { pool: { min: 999 } })
    expect(broker.stats().pools).toEqual([])
  })
})

describe('the options of a run', () => {
  it.each<[unknown, ErrorConstructor, string]>([
    [null, TypeError, 'the options must be an object, received null'],
    [{ inputs: 1 }, TypeError, 'the options must not have a key "inputs", which is not known'],
    [{ trust: 'root' }, RangeError, '"trust" must be one of "trusted"'],
    [{ workload: 'heavy' }, RangeError, '"workload" must be one of'],
    [{ tier: 'moon' }, RangeError, '"tier" must be one of'],
    [{ kind: 'wasm' }, RangeError, '"kind" must be one of'],
    [{ filename: '' }, RangeError, '"filename" must not be empty'],
    [{ tenant: 7 }, TypeError, '"tenant" must be a string, received 7'],
    [{ export: '' }, RangeError, '"export" must not be empty'],
    [{ signal: {} }, TypeError, '"signal" must be an AbortSignal, received an object'],
    [{ limits: 7 }, TypeError, '"limits" must be an object, received 7'],
    [{ limits: { wall: 7 } }, TypeError, '"limits" must not have a key "wall"'],
    [{ limits: { wallMs: '7' } }, TypeError, 'limit "wallMs" must be a number, received "7"'],
    [{ limits: { wallMs: 0 } }, RangeError, 'limit "wallMs" must be at least 1, received 0'],
    [{ limits: { wallMs: Number.NaN } }, RangeError, 'limit "wallMs" must be a whole number, received NaN'],
    [{ modules: [] }, TypeError, '"modules" must be an object, "node" or ["node", an object], received another list'],
    [{ modules: ['node', {}, {}] }, TypeError, '"modules" must be an object, "node" or ["node", an object]'],
    [{ modules: ['node', 7] }, TypeError, '"modules" must be an object, received 7'],
    [{ modules: 'deno' }, RangeError, '"modules" must be one of "node"'],
    [{ modules: { a: 7 } }, TypeError, 'module "a" must be source text or an object, received 7'],
    [{ modules: { '': 'x' } }, RangeError, 'the name of a module must not be empty'],
    [{ modules: { a: { call() {} } } }, TypeError, 'module "a" must not have a key "call"'],
    [{ modules: { host: 'x' }, functions: {} }, RangeError, 'module "host" is already made of "functions"'],
    [{ functions: { a: 7 } }, TypeError, 'function "host/a" must be a function or an object, received 7'],
  ])('are refused when they are %j', async (options, kind, problem) => {
    await using broker = createBrokerOf([new FakeTier()])
    // What plain JavaScript may pass.
    const given = options as RunOptions
    await expect(broker.run(SOURCE, given)).rejects.toThrow(kind)
    await expect(broker.run(SOURCE, given)).rejects.toThrow(`Cannot run program: ${problem}`)
    expect(() => broker.start(SOURCE, given)).toThrow(kind)
    expect(() => broker.explain(SOURCE, given)).toThrow(`Cannot explain program: ${problem}`)
  })

  it('are refused without a source text', async () => {
    await using broker = createBrokerOf([new FakeTier()])
    // @ts-expect-error a source is a text
    await expect(broker.run(7)).rejects.toThrow('Cannot run program: the source must be a string, received number')
  })

  it('are refused when the input is not data', async () => {
    const tier = new FakeTier()
    await using broker = createBrokerOf([tier])
    await expect(broker.run(SOURCE, { input: () => 1 })).rejects.toMatchObject({ code: 'RF_DATA_NOT_CLONEABLE' })
    expect(tier.openings).toBe(0)
  })

  it('take undefined for an option that is not given', async () => {
    await using broker = createBrokerOf([new FakeTier()])
    const given = { trust: undefined, limits: undefined, signal: undefined } as unknown as RunOptions
    expect((await broker.run(SOURCE, given)).outcome.kind).toBe('returned')
  })
})

describe('the options of loaded programs', () => {
  it('are refused when they belong to a call', async () => {
    await using broker = createBrokerOf([new FakeTier()])
    // @ts-expect-error the input belongs to the call
    await expect(broker.load(SOURCE, { input: 1 })).rejects.toThrow('must not have a key "input"')
    await expect(broker.load(SOURCE, { pool: { max: 0 } })).rejects.toThrow('"pool.max" must be a whole number')
  })

  it('are refused when they belong to the program', async () => {
    await using broker = createBrokerOf([new FakeTier()])
    await using program = await broker.load(SOURCE)
    // @ts-expect-error trust belongs to the program
    await expect(program.call(1, { trust: 'trusted' })).rejects.toThrow('must not have a key "trust"')
    // @ts-expect-error the source was checked when it was loaded
    await expect(program.call(1, { limits: { sourceBytes: 1 } })).rejects.toThrow('must not have a key "sourceBytes"')
    await expect(program.call(Symbol('x'))).rejects.toMatchObject({ code: 'RF_DATA_NOT_CLONEABLE' })
  })
})

it('takes functions of narrow parameters, zod tuples and pino loggers as they are', () => {
  const lookup = async (sku: string): Promise<number> => sku.length
  expectTypeOf(lookup).toExtend<HostFunctionSpec>()
  const checked = { call: lookup, args: z.tuple([z.string()]), sync: false }
  expectTypeOf(checked).toExtend<HostFunctionSpec>()
  expectTypeOf<PinoLogger>().toExtend<Logger>()
})
