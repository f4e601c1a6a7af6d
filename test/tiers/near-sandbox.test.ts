import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HostFunctions } from '../../src/core/sandbox.ts'
import { callOf, farSide, guestOf, record } from './far-side.ts'
import { opened, underWay } from './under-way.ts'

const never = new AbortController().signal

describe('the ceilings of a call', () => {
  it('hold for lines, whatever the far side let pass', async () => {
    const { ending, logs, out } = await underWay()
    for (let n = 0; n < 1000; n += 1) out(record('L', '0;0123456789'))
    expect(await ending).toEqual({ kind: 'exceeded', limit: 'logBytes' })
    expect(logs.length).toBeLessThanOrEqual(10)
  })

  it('hold for lines without any text, which would else be free', async () => {
    const { ending, logs, out } = await underWay()
    out(record('L', '0;').repeat(10_000))
    expect(await Promise.race([ending, setImmediate('still under way')])).toEqual({
      kind: 'exceeded',
      limit: 'logBytes',
    })
    expect(logs.length).toBeLessThanOrEqual(100)
  })

  it('do not include the level and the time of a line, which are made good', async () => {
    const { ending, logs, out } = await underWay()
    out(record('L', 'soon;a', 99), record('L', 'Infinity;b', -1), record('L', 'no time'), record('D', 'J[1]'))
    await ending
    expect(logs).toEqual([
      { level: 'log', text: 'a', at: 0 },
      { level: 'log', text: 'b', at: 0 },
      { level: 'debug', text: 'no time', at: 0 },
    ])
  })

  it('hold for results', async () => {
    const { ending, out } = await underWay()
    out(record('D', `J["${'é'.repeat(60)}"]`))
    expect(await ending).toEqual({ kind: 'exceeded', limit: 'outputBytes' })
  })

  it('hold for host calls: the function is invoked exactly as often as granted', async () => {
    let calls = 0
    const invoke = (): string => `J[${(calls += 1)}]`
    const functions: HostFunctions = new Map([['host/lookup', { sync: false, invoke }]])
    const { far, ending, out } = await underWay(functions)
    out(...Array.from({ length: 1000 }, (_, h) => record('H', 'host/lookup\nJ[]', h)))
    expect(await ending).toEqual({ kind: 'exceeded', limit: 'hostCalls' })
    await setImmediate()
    expect(calls).toBe(3)
    expect(far.orders.filter(([{ t }]) => t === 'reply')).toHaveLength(0)
  })

  it('hold for texts of errors', async () => {
    const { ending, out } = await underWay()
    const long = 'x'.repeat(100_000)
    out(record('E', JSON.stringify({ name: long, message: long, stack: long, extra: long })))
    expect(JSON.stringify(await ending).length).toBeLessThan(60_000)
  })
})

describe('host functions', () => {
  it('are none but those that were granted, each in the way it was granted', async () => {
    const functions: HostFunctions = new Map([['host/now', { sync: true, invoke: () => 'J[0]' }]])
    const { far, out } = await underWay(functions)
    out(record('H', 'host/now\nJ[]', 1), record('H', 'host/__proto__\nJ[]', 2), record('H', '', 3))
    await setImmediate()
    const replies = far.orders.filter(([{ t }]) => t === 'reply')
    expect(replies.map(([order, text]) => ['ok' in order && order.ok, text])).toEqual(
      [1, 2, 3].map(() => [false, 'TypeError\n\nCannot call a host function: it was not granted']),
    )
  })

  it('answer a synchronous call, and refuse one when no call is under way', async () => {
    const functions: HostFunctions = new Map([['host/now', { sync: true, invoke: () => 'J[0]' }]])
    const { far, ending, out } = await underWay(functions)
    far.say({ t: 'sync', s: 0, name: 'host/now' }, 'J[]')
    await setImmediate()
    out(record('D', 'J[1]'))
    await ending
    far.say({ t: 'sync', s: 0, name: 'host/now' }, 'J[]')
    await setImmediate()
    const answers = far.orders.filter(([{ t }]) => t === 'answer')
    expect(answers.map(([order, text]) => ['ok' in order && order.ok, text])).toEqual([
      [true, 'J[0]'],
      [false, ''],
    ])
  })

  it('are told when the call has ended, and their late answers go nowhere', async () => {
    const answer = Promise.withResolvers<string>()
    let signal: AbortSignal | undefined
    const invoke = (_: string, given: AbortSignal): Promise<string> => {
      signal = given
      return answer.promise
    }
    const { far, ending, out } = await underWay(new Map([['host/lookup', { sync: false, invoke }]]))
    out(record('H', 'host/lookup\nJ[]', 1))
    await setImmediate()
    expect(signal?.aborted).toBe(false)
    out(record('D', 'J[1]'))
    await ending
    expect(signal?.aborted).toBe(true)
    answer.resolve('J["late"]')
    await setImmediate()
    expect(far.orders.filter(([{ t }]) => t === 'reply')).toEqual([])
  })
})

describe('closing a sandbox', () => {
  it('asks the far side and waits for its word', async () => {
    const { far, sandbox, ending, out } = await underWay()
    out(record('D', 'J[1]'))
    await ending
    const closing = sandbox[Symbol.asyncDispose]()
    expect(far.orders.at(-1)?.[0]).toEqual({ t: 'close', s: 0 })
    far.say({ t: 'closed', s: 0 })
    await closing
    expect([far.ended, far.released, far.relay.size]).toEqual([0, 1, 0])
  })

  it('has more patience where no guest runs, so that neighbours in a slow carrier live on', async () => {
    const { far, sandbox, ending, out } = await underWay()
    out(record('D', 'J[1]'))
    await ending
    const closing = sandbox[Symbol.asyncDispose]()
    await delay(300)
    expect(far.ended).toBe(0)
    far.say({ t: 'closed', s: 0 })
    await closing
  })

  it('ends a carrier that serves nobody else, when the guest is killed', async () => {
    const { far, sandbox, ending } = await underWay(undefined, true)
    await Promise.all([sandbox.kill(), sandbox.kill()])
    expect(await ending).toEqual({ kind: 'crashed', detail: 'the sandbox was killed', started: true })
    expect([far.ended, far.relay.size]).toEqual([1, 0])
  })

  it('ends a carrier whose far side is stuck, or says nothing', async () => {
    const stuck = await underWay()
    const silent = await underWay()
    const kills = [stuck.sandbox.kill(), silent.sandbox.kill()]
    stuck.far.say({ t: 'stuck', s: 0 })
    await Promise.all(kills)
    expect([stuck.far.ended, silent.far.ended]).toEqual([1, 1])
  })

  it('waits for no carrier that was stuck before it was told to close, unless its guest has ended since', async () => {
    const stuck = await underWay()
    stuck.far.say({ t: 'stuck', s: 0 })
    await stuck.sandbox.kill()
    expect(stuck.far.ended).toBe(1)
    const well = await underWay()
    well.far.say({ t: 'stuck', s: 0 })
    well.far.say({ t: 'out', s: 0 })
    const killed = well.sandbox.kill()
    expect(well.far.ended).toBe(0)
    well.far.say({ t: 'closed', s: 0 })
    await killed
    expect(well.far.ended).toBe(0)
  })

  it('does not end a stuck carrier at once while others are at work in it', async () => {
    const { far, sandbox } = await underWay()
    const neighbour = (await opened(far)).run(callOf())
    const killing = sandbox.kill()
    far.say({ t: 'stuck', s: 0 })
    far.say({ t: 'out', s: 1 }, record('D', 'J[1]'))
    far.say({ t: 'closed', s: 0 })
    await killing
    expect(await neighbour).toEqual({ kind: 'returned', text: 'J[1]' })
    expect(far.ended).toBe(0)
  })

  it('gives up a sandbox that is still opening when it is aborted', async () => {
    const far = farSide()
    const controller = new AbortController()
    const opening = far.relay.open(guestOf(), controller.signal)
    controller.abort()
    far.say({ t: 'closed', s: 0 })
    far.say({ t: 'opened', s: 0 })
    await expect(opening).rejects.toMatchObject({ code: 'RF_CARRIER_FAILED' })
    expect(far.relay.size).toBe(0)
  })

  it('tells why a sandbox could not be opened', async () => {
    const far = farSide()
    const opening = far.relay.open(guestOf(), never)
    far.say({ t: 'failed', s: 0 }, 'the program does not compile')
    await expect(opening).rejects.toThrow('Cannot open sandbox: the program does not compile')
  })
})

const heads = fc.oneof(
  fc.record(
    {
      t: fc.constantFrom('ready', 'opened', 'failed', 'out', 'usage', 'ended', 'sync', 'closed', 'stuck'),
      s: fc.nat({ max: 2 }),
      limit: fc.constantFrom(undefined, 'wallMs', 'memoryBytes'),
      version: fc.constant(1),
      name: fc.constantFrom('host/lookup', 'host/now'),
      cpuMs: fc.constantFrom(undefined, 0, 1e308),
      memoryBytes: fc.constantFrom(undefined, 0, 1e308),
    },
    { requiredKeys: ['t', 's', 'version', 'name'] },
  ),
  fc.jsonValue(),
)
const records = fc
  .array(
    fc.tuple(
      fc.constantFrom('L', 'H', 'D', 'E', 'X'),
      fc.constantFrom('', '0;hi', 'host/lookup\nJ[]', '{}', 'logBytes'),
    ),
  )
  .map((list) => list.map(([kind, text]) => record(kind, text)).join(''))
const said = fc.array(fc.tuple(heads, fc.oneof(records, fc.string())), { maxLength: 20 })

describe('whatever a far side says', () => {
  it('every call settles exactly once, within its ceilings, and the carrier is ended at most once by us', async () => {
    await fc.assert(
      fc.asyncProperty(said, async (sayings) => {
        let calls = 0
        const invoke = (): string => `J[${(calls += 1)}]`
        const functions: HostFunctions = new Map([
          ['host/lookup', { sync: false, invoke }],
          ['host/now', { sync: true, invoke }],
        ])
        const { far, ending, logs } = await underWay(functions)
        for (const [head, text] of sayings) far.say(head, text)
        await setImmediate()
        far.cut('the end')
        const { kind } = await ending
        expect(['returned', 'threw', 'exceeded', 'crashed']).toContain(kind)
        expect(calls).toBeLessThanOrEqual(3)
        expect(logs.length).toBeLessThanOrEqual(100)
        expect(far.relay.size).toBe(0)
      }),
      { numRuns: 300 },
    )
  })
})
