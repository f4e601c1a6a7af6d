import { expect, expectTypeOf, test } from 'vitest'
import type { Broker, BrokerOptions, Execution, LoadedProgram, Running, RunOptions } from '../src/index.ts'
import * as ringfence from '../src/index.ts'

test('the package exports what is listed here and nothing else', () => {
  expect(Object.keys(ringfence).toSorted()).toEqual([
    'DEFAULT_LIMITS',
    'DEFAULT_POLICY',
    'RingfenceError',
    'bundle',
    'createBroker',
    'definePolicy',
    'inspectRuntime',
    'prepare',
  ])
})

test('the types of the main job fit together', () => {
  expectTypeOf(ringfence.createBroker).parameter(0).toEqualTypeOf<BrokerOptions | undefined>()
  expectTypeOf(ringfence.createBroker).returns.resolves.toEqualTypeOf<Broker>()
  expectTypeOf<Broker['run']>().parameter(1).toEqualTypeOf<RunOptions | undefined>()
  expectTypeOf<Broker['run']>().returns.resolves.toEqualTypeOf<Execution>()
  expectTypeOf<Running['result']>().resolves.toEqualTypeOf<Execution>()
  expectTypeOf<LoadedProgram>().toExtend<AsyncDisposable>()
})

test.each([
  [{ isolate: { placement: 'moon' } }, RangeError, '"isolate.placement" must be "process" or "inline", received moon'],
  [{ isolate: { place: 'inline' } }, TypeError, '"isolate" has no option "place"'],
  [{ isolate: 'inline' }, TypeError, '"isolate" must be an object'],
  [{ process: { spares: -1 } }, RangeError, '"process.spares" must be a whole number from 0 to 64, received -1'],
  [{ process: { spares: '1' } }, TypeError, '"process.spares" must be a number'],
  [{ process: { commandPrefix: 'nice' } }, TypeError, '"process.commandPrefix" must be a list of strings'],
  [{ placement: 'inline' }, TypeError, 'placement'],
])('createBroker refuses %j', async (options, type, message) => {
  const created = ringfence.createBroker(options as BrokerOptions)
  await expect(created).rejects.toThrow(type)
  await expect(created).rejects.toThrow(message)
})

test('the children of the process tier run behind the given command', async () => {
  await using broker = await ringfence.createBroker({
    process: { commandPrefix: ['/usr/bin/env', '-u', 'NOTHING'], spares: 0 },
  })
  const { outcome, isolation } = await broker.run('6 * 7', { trust: 'trusted', tier: 'process' })
  expect({ outcome, isolation }).toMatchObject({
    outcome: { kind: 'returned', value: 42 },
    isolation: { level: 'none' },
  })
  expect((await broker.run('6 * 7', { trust: 'hostile' })).outcome).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('Policy demands isolation "good"'),
  })
})

test('a prefix that cannot be started is a crash that says so, not an exception', async () => {
  await using broker = await ringfence.createBroker({ process: { commandPrefix: ['/nonexistent/jail'], spares: 0 } })
  const { outcome } = await broker.run('6 * 7', { trust: 'trusted', tier: 'process' })
  expect(outcome.kind).toBe('crashed')
  expect(JSON.stringify(outcome)).toContain('Cannot open sandbox')
})
