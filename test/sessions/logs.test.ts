import { describe, expect, test } from 'vitest'
import type { LogEntry } from '../../src/index.ts'
import { VARIANTS } from '../contract/scene.ts'
import { shareSessions } from './session-scene.ts'

const WAITS =
  'import { go } from "host"; export default async () => { console.log("one"); await go(); console.warn("two") }'

describe.each(VARIANTS)('the logs of an execution in %s', (variant) => {
  const shared = shareSessions(variant)

  test('come while its guest runs, to each who reads them, and are those of the receipt', async () => {
    const gate = Promise.withResolvers<void>()
    const running = shared().start(WAITS, { functions: { go: () => gate.promise } })
    const other = Array.fromAsync(running.logs)
    const seen: LogEntry[] = []
    for await (const entry of running.logs) {
      seen.push(entry)
      // Nothing but this line lets the guest go on.
      if (entry.text === 'one') gate.resolve()
    }
    const { logs } = await running.result
    expect(logs.map(({ level, text }) => [level, text])).toEqual([
      ['log', 'one'],
      ['warn', 'two'],
    ])
    expect(seen).toEqual(logs)
    expect(await other).toEqual(logs)
    expect(await Array.fromAsync(running.logs)).toEqual(logs)
  })

  test('end with a guest that is killed, and hold no more than its limit', async () => {
    const running = shared().start('console.log("in"); export default () => new Promise(() => {})')
    for await (const { text } of running.logs) {
      if (text === 'in') void running.kill('enough')
    }
    expect((await running.result).outcome.kind).toBe('killed')
    const flood = shared().start('for (;;) console.log("x".repeat(100))', { limits: { logBytes: 2048 } })
    const bytes = (await Array.fromAsync(flood.logs)).reduce((sum, { text }) => sum + text.length, 0)
    expect((await flood.result).outcome).toEqual({ kind: 'exceeded', limit: 'logBytes' })
    expect(bytes).toBeLessThanOrEqual(2048)
  })

  test('of one that is refused are none', async () => {
    const running = shared().start('1', {
      limits: { sourceBytes: 64 },
      input: undefined,
      modules: { a: 'x'.repeat(99) },
    })
    expect(await Array.fromAsync(running.logs)).toEqual([])
    expect((await running.result).outcome.kind).toBe('refused')
  })
})
