import { setImmediate, setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Ending } from '../../src/core/sandbox.ts'
import type { Outcome } from '../../src/core/types.ts'
import { containing } from './containing.ts'
import { hang, returned } from './fake-tier.ts'
import { until } from './gate.ts'
import { SOURCE, sceneOf } from './scene.ts'

describe('every ending of a guest', () => {
  it.each<[Ending, Outcome]>([
    [returned({ n: 1 }), { kind: 'returned', value: { n: 1 } }],
    [
      { kind: 'threw', error: { name: 'TypeError', message: 'no' } },
      { kind: 'threw', error: { name: 'TypeError', message: 'no' } },
    ],
    [
      { kind: 'exceeded', limit: 'cpuMs' },
      { kind: 'exceeded', limit: 'cpuMs' },
    ],
    [
      { kind: 'crashed', detail: 'the thread died', started: true },
      { kind: 'crashed', detail: 'the thread died' },
    ],
  ])('%j becomes the outcome %j', async (ending, outcome) => {
    await using scene = sceneOf({ script: () => ending })
    const execution = await scene.broker.run(SOURCE)
    expect(execution.outcome).toEqual(outcome)
    expect(execution).toMatchObject({ tier: 'isolate', trust: 'untrusted', decision: { verdict: 'route' } })
  })

  it('kills the sandbox of whatever did not return or throw, and of nothing else', async () => {
    const endings: Ending[] = [
      returned(1),
      { kind: 'threw', error: { name: 'Error', message: '' } },
      { kind: 'exceeded', limit: 'memoryBytes' },
      { kind: 'crashed', detail: 'gone', started: true },
    ]
    await using scene = sceneOf({ script: (_, { nth }) => endings[nth - 1] ?? returned(0) })
    for (const _ of endings) await scene.broker.run(SOURCE)
    expect(scene.tier.sandboxes.map(({ kills }) => kills)).toEqual([0, 0, 1, 1])
  })

  it('disposes of every fresh sandbox', async () => {
    const { broker, tier } = sceneOf({
      script: (_, { nth }) => (nth === 1 ? hang({} as never, {} as never) : returned(1)),
    })
    await broker.run(SOURCE, { limits: { wallMs: 10 } })
    await broker.run(SOURCE)
    await broker.close()
    expect(tier.sandboxes.map(({ disposals }) => disposals)).toEqual([1, 1])
  })
})

describe('failures that are not the guest’s', () => {
  it('are crashes when the result cannot be decoded', async () => {
    await using scene = sceneOf({ script: () => ({ kind: 'returned', text: '\u0000nonsense' }) })
    const { outcome } = await scene.broker.run(SOURCE)
    expect(outcome).toMatchObject({ kind: 'crashed', detail: containing('Cannot decode') })
    expect(scene.tier.sandbox(1).kills).toBe(1)
  })

  it('are crashes when the tier’s call rejects', async () => {
    await using scene = sceneOf({ script: () => Promise.reject(new Error('wire broke')) })
    const { outcome } = await scene.broker.run(SOURCE)
    expect(outcome).toEqual({ kind: 'crashed', detail: 'The tier failed: wire broke' })
    expect(scene.tier.openings).toBe(1)
  })

  it('are crashes when the tier’s call throws', async () => {
    const script = (): never => {
      throw new Error('wire broke')
    }
    await using scene = sceneOf({ script })
    expect((await scene.broker.run(SOURCE)).outcome).toEqual({ kind: 'crashed', detail: 'The tier failed: wire broke' })
  })

  it('do not change the outcome when the kill fails', async () => {
    await using scene = sceneOf({ script: hang, killing: () => Promise.reject(new Error('immortal')) })
    const { outcome } = await scene.broker.run(SOURCE, { limits: { wallMs: 5 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'wallMs' })
  })

  it('are crashes when the tier cannot measure any more', async () => {
    const script = hang
    await using scene = sceneOf({ script })
    const running = scene.broker.start(SOURCE)
    while (scene.tier.sandboxes.length === 0) await setImmediate()
    Object.defineProperty(scene.tier.sandbox(1), 'measured', {
      get: () => {
        throw new Error('gauge broke')
      },
    })
    expect((await running.result).outcome).toEqual({
      kind: 'crashed',
      detail: 'Cannot measure the guest: gauge broke',
    })
  })
})

describe('the time of a call', () => {
  it('ends with its cause, and what it takes to end its guest is told apart', async () => {
    await using scene = sceneOf({ script: hang, killing: () => setTimeout(200) })
    const { usage } = await scene.broker.run(SOURCE, { limits: { wallMs: 5 } })
    expect(usage.teardownMs).toBeGreaterThan(195)
    expect(usage.wallMs + usage.teardownMs).toBeGreaterThanOrEqual(200)
    const running = scene.broker.start(SOURCE)
    await until(() => scene.tier.sandboxes[1]?.calls === 1)
    const { wallMs } = running.usage()
    const killed = running.kill('stop')
    await until(() => scene.tier.sandbox(2).kills === 1)
    await setTimeout(50)
    expect(running.usage().teardownMs).toBeGreaterThan(45)
    await killed
    const after = (await running.result).usage
    expect(after.wallMs).toBeGreaterThanOrEqual(wallMs)
    expect(after.teardownMs).toBeGreaterThan(195)
  })

  it('has nothing of that kind where its guest ended by itself', async () => {
    await using scene = sceneOf()
    expect((await scene.broker.run(SOURCE)).usage.teardownMs).toBeLessThan(50)
  })
})

describe('what never runs', () => {
  it('is refused when policy says so, with the last reason', async () => {
    await using scene = sceneOf()
    const execution = await scene.broker.run(SOURCE, { tier: 'vm' })
    expect(execution.outcome).toMatchObject({ kind: 'refused', reason: containing('weaker') })
    expect(execution).not.toHaveProperty('tier')
    expect(execution.usage).toMatchObject({ wallMs: 0, outputBytes: 0, startMs: 0 })
    expect(execution.usage).not.toHaveProperty('cpuMs')
    expect(scene.tier.openings).toBe(0)
  })

  it('threw when the source has no syntax, and the decision is shown all the same', async () => {
    await using scene = sceneOf()
    const execution = await scene.broker.run('export default {{')
    expect(execution).toMatchObject({
      tier: 'isolate',
      decision: { verdict: 'route' },
      outcome: { kind: 'threw', error: { name: 'SyntaxError' } },
    })
    expect(scene.tier.openings).toBe(0)
  })

  it('is refused when it imports what was not given, by name', async () => {
    await using scene = sceneOf()
    const { outcome } = await scene.broker.run(`import { readFile } from 'node:fs'; export default () => readFile`)
    expect(outcome).toMatchObject({ kind: 'refused', reason: containing('"node:fs"') })
    expect(scene.tier.openings).toBe(0)
  })

  it('is refused before anything parses it when the source is too large', async () => {
    await using scene = sceneOf()
    const { outcome } = await scene.broker.run('{{ no program at all', { limits: { sourceBytes: 5 } })
    expect(outcome).toMatchObject({ kind: 'refused', reason: containing('sourceBytes') })
  })

  it('is refused when the input is too large', async () => {
    await using scene = sceneOf()
    const { outcome } = await scene.broker.run(SOURCE, { input: 'x'.repeat(100), limits: { inputBytes: 50 } })
    expect(outcome).toMatchObject({ kind: 'refused', reason: containing('inputBytes') })
  })
})

describe('ceilings counted by the broker as well', () => {
  it('are on the result', async () => {
    await using scene = sceneOf({ script: () => returned('x'.repeat(100)) })
    const { outcome, usage } = await scene.broker.run(SOURCE, { limits: { outputBytes: 50 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'outputBytes' })
    expect(usage.outputBytes).toBe(0)
    expect(scene.tier.sandbox(1).kills).toBe(1)
  })

  it('are on the log, in bytes, and keep what fits', async () => {
    await using scene = sceneOf({
      script: async (call) => {
        for (let line = 1; line <= 3; line += 1) call.onLog({ level: 'log', text: 'ä'.repeat(10), at: line })
        return returned(1)
      },
    })
    const execution = await scene.broker.run(SOURCE, { limits: { logBytes: 42 } })
    expect(execution.outcome).toEqual({ kind: 'exceeded', limit: 'logBytes' })
    expect(execution.logs.map(({ at }) => at)).toEqual([1, 2])
  })

  it('are on calls of host functions', async () => {
    let calls = 0
    const count = (): void => {
      calls += 1
    }
    await using scene = sceneOf({
      script: async (_, { guest }) => {
        const signal = new AbortController().signal
        for (let call = 0; call < 5; call += 1) {
          try {
            await guest.functions.get('host/count')?.invoke('J[]', signal)
          } catch {
            // A guest may well go on after a failed call.
          }
        }
        return returned(1)
      },
    })
    const { outcome } = await scene.broker.run(SOURCE, { functions: { count }, limits: { hostCalls: 3 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'hostCalls' })
    expect(calls).toBe(3)
  })
})

describe('what a sandbox is opened with', () => {
  it('is the program, the limits, the workload, the functions granted and those for streams', async () => {
    await using scene = sceneOf({}, { policy: { levels: { untrusted: { functions: ['host/*'] } } } })
    await scene.broker.run(SOURCE, {
      limits: { wallMs: 100 },
      workload: 'cpu',
      functions: { a: () => 1, b: { call: () => 1, sync: true } },
      modules: { kv: { functions: { get: () => 1 } }, text: 'export const t = 1' },
    })
    const { guest } = scene.tier.sandbox(1)
    expect(guest).toMatchObject({ workload: 'cpu', limits: { wallMs: 100, cpuMs: 500 } })
    expect(guest.program.hash).toMatch(/^[0-9a-f]{64}$/)
    expect(Array.from(guest.functions, ([name, { sync }]) => [name, sync])).toEqual([
      ['host/a', false],
      ['host/b', true],
      ['ringfence:stream/put', false],
      ['ringfence:stream/take', false],
    ])
  })

  it('calls the export that was asked for, with the input', async () => {
    await using scene = sceneOf({ script: ({ exportName }) => returned(exportName) })
    expect((await scene.broker.run(SOURCE)).outcome).toEqual({ kind: 'returned', value: 'default' })
    expect((await scene.broker.run(SOURCE, { export: 'other' })).outcome).toEqual({ kind: 'returned', value: 'other' })
  })
})
