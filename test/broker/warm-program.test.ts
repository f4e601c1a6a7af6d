import { describe, expect, it } from 'vitest'
import { echo, hang, returned } from './fake-tier.ts'
import { gate, isSettled, until } from './gate.ts'
import { SOURCE, sceneOf } from './scene.ts'

describe('a loaded program', () => {
  it('is called many times in one warm sandbox', async () => {
    await using scene = sceneOf()
    await using program = await scene.broker.load(SOURCE)
    for (let input = 0; input < 5; input += 1) {
      const { outcome, usage } = await program.call(input)
      expect(outcome).toEqual({ kind: 'returned', value: input })
      expect(usage.startMs).toBe(0)
    }
    expect(scene.tier.sandboxes).toHaveLength(1)
    expect(scene.tier.sandbox(1).calls).toBe(5)
  })

  it('may be called again after it threw', async () => {
    await using scene = sceneOf({ script: () => ({ kind: 'threw', error: { name: 'Error', message: 'no' } }) })
    await using program = await scene.broker.load(SOURCE)
    await program.call()
    await program.call()
    expect(scene.tier.sandboxes).toHaveLength(1)
  })

  it('never uses a sandbox again that ended badly', async () => {
    await using scene = sceneOf({
      script: (call, sandbox) => (call.input === 'J1' ? hang(call, sandbox) : echo(call, sandbox)),
    })
    await using program = await scene.broker.load(SOURCE, { limits: { wallMs: 10 }, pool: { max: 1 } })
    expect((await program.call(1)).outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
    expect((await program.call(2)).outcome).toEqual({ kind: 'returned', value: 2 })
    expect(scene.tier.sandboxes.map(({ calls }) => calls)).toEqual([1, 1])
  })

  it('runs calls at once in sandboxes of their own, up to "max"', async () => {
    const held = gate()
    const script = async (): Promise<ReturnType<typeof returned>> => {
      await held.opened
      return returned(1)
    }
    await using scene = sceneOf({ script })
    await using program = await scene.broker.load(SOURCE, { pool: { min: 0, max: 2 } })
    const calls = [1, 2, 3, 4].map((input) => program.call(input))
    await until(() => scene.broker.stats().running === 2)
    expect(scene.broker.stats()).toMatchObject({ queued: 2, pools: [{ busy: 2, waiting: 2 }] })
    held.open()
    const executions = await Promise.all(calls)
    expect(executions.every(({ outcome }) => outcome.kind === 'returned')).toBe(true)
    expect(scene.tier.openings).toBe(2)
    expect(executions.map(({ usage }) => usage.startMs > 0)).toEqual([true, true, false, false])
  })

  it('shares the turns of the broker, without holding others up while it waits for its own sandboxes', async () => {
    await using scene = sceneOf(
      { script: (call, sandbox) => (call.exportName === 'hang' ? hang(call, sandbox) : returned(1)) },
      { maxConcurrent: 2 },
    )
    await using program = await scene.broker.load(SOURCE, { pool: { max: 1 } })
    program.start(1, { export: 'hang' })
    const waiting = program.start(2)
    expect((await scene.broker.run(SOURCE)).outcome.kind).toBe('returned')
    expect(await isSettled(waiting.result)).toBe(false)
    await waiting.kill('enough')
    expect((await waiting.result).outcome.kind).toBe('killed')
  })

  it('takes lower limits for one call, and refuses higher ones', async () => {
    await using scene = sceneOf({
      script: (call, sandbox) => (call.input === 'J1' ? hang(call, sandbox) : echo(call, sandbox)),
    })
    await using program = await scene.broker.load(SOURCE, { limits: { wallMs: 900 } })
    const short = await program.call(1, { limits: { wallMs: 10 } })
    expect(short.outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
    expect(short.usage.wallMs).toBeLessThan(500)
    const { outcome } = await program.call(2, { limits: { wallMs: 901 } })
    expect(outcome).toEqual({
      kind: 'refused',
      reason: 'Limit "wallMs" is at most 900 for this program, and the caller asked for 901',
    })
    expect((await program.call('x'.repeat(50), { limits: { inputBytes: 20 } })).outcome).toEqual({
      kind: 'refused',
      reason: 'The input has 51 bytes, and limit "inputBytes" is 20',
    })
    expect((await program.call('x'.repeat(50), { limits: { outputBytes: 20 } })).outcome).toEqual({
      kind: 'exceeded',
      limit: 'outputBytes',
    })
  })

  it('calls the export that was asked for', async () => {
    await using scene = sceneOf({ script: ({ exportName }) => returned(exportName) })
    await using program = await scene.broker.load(SOURCE)
    expect((await program.call(0, { export: 'other' })).outcome).toEqual({ kind: 'returned', value: 'other' })
  })

  it('counts host calls for each call anew, and knows which execution is calling', async () => {
    await using scene = sceneOf({
      script: async (_, { guest }) => {
        await guest.functions.get('host/f')?.invoke('J[]', new AbortController().signal)
        return returned(1)
      },
    })
    await using program = await scene.broker.load(SOURCE, { functions: { f: () => 1 }, limits: { hostCalls: 1 } })
    expect((await program.call()).outcome.kind).toBe('returned')
    expect((await program.call()).outcome.kind).toBe('returned')
    const lent = scene.tier.sandbox(1).guest.functions.get('host/f')
    expect(() => lent?.invoke('J[]', new AbortController().signal)).toThrow('no call is running')
  })

  it('says with every call that it cannot run, and with its decision why', async () => {
    await using scene = sceneOf()
    await using refused = await scene.broker.load(SOURCE, { tier: 'vm' })
    expect(refused.decision.verdict).toBe('refuse')
    expect((await refused.call()).outcome.kind).toBe('refused')
    await using invalid = await scene.broker.load('export default {{')
    expect(invalid.hash).toBeUndefined()
    expect((await invalid.call()).outcome).toMatchObject({ kind: 'threw', error: { name: 'SyntaxError' } })
    expect(scene.tier.openings).toBe(0)
  })

  it('cannot be loaded when no sandbox can be opened', async () => {
    const opening = (): never => {
      throw new Error('no room')
    }
    await using scene = sceneOf({ opening })
    await expect(scene.broker.load(SOURCE)).rejects.toMatchObject({
      code: 'RF_CARRIER_FAILED',
      message: 'Cannot load program: no sandbox can be opened',
      cause: { message: 'no room' },
    })
    expect(scene.broker.stats().pools).toEqual([])
  })

  it('stops loading when its signal is aborted', async () => {
    const held = gate()
    await using scene = sceneOf({ opening: () => held.opened })
    const abort = new AbortController()
    const loading = scene.broker.load(SOURCE, { signal: abort.signal })
    abort.abort(new Error('changed my mind'))
    held.open()
    await expect(loading).rejects.toThrow('changed my mind')
    await expect(scene.broker.load(SOURCE, { signal: abort.signal })).rejects.toThrow('changed my mind')
    await until(() => scene.tier.sandboxes.every(({ disposals }) => disposals === 1))
  })

  it('ends its calls and closes its sandboxes when it is disposed of', async () => {
    await using scene = sceneOf({ script: hang })
    const program = await scene.broker.load(SOURCE, { pool: { min: 2, max: 2 } })
    const other = scene.broker.start(SOURCE)
    await until(() => scene.tier.openings === 3)
    const running = program.start()
    await program[Symbol.asyncDispose]()
    expect((await running.result).outcome).toEqual({
      kind: 'killed',
      by: 'handle',
      reason: 'The program was disposed of',
    })
    expect(await isSettled(other.result)).toBe(false)
    expect(scene.tier.sandboxes.map(({ disposals }) => disposals)).toEqual([1, 1, 0])
    expect(scene.tier.openings).toBe(3)
    await expect(program.call()).rejects.toMatchObject({ code: 'RF_BROKER_CLOSED' })
    expect(scene.broker.stats().pools).toEqual([])
  })
})
