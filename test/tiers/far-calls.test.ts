import { setTimeout as pause, setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Budget, Engine, Turn } from '../../src/tiers/engine.ts'
import { FarSandbox } from '../../src/tiers/far-sandbox.ts'
import type { Report } from '../../src/tiers/protocol.ts'
import { record } from './far-side.ts'

interface Entered {
  readonly text: string
  readonly budget: Budget
  end(records: string): Promise<void>
}

/** A far side whose guest does as a test tells it to. */
async function farSandbox(): Promise<{ far: FarSandbox; entered: Entered[]; said: string[] }> {
  const entered: Entered[] = []
  const said: string[] = []
  const realm = {
    enter: (text: string, budget: Budget): Promise<Turn> => {
      const { promise, resolve } = Promise.withResolvers<Turn>()
      const end = async (records: string): Promise<void> => {
        resolve({ kind: 'done', batch: `s-1;${records}` })
        await setImmediate()
        await setImmediate()
      }
      entered.push({ text, budget, end })
      said.push(`enters ${text.split('\n')[1]}`)
      return promise
    },
    cpuMs: () => undefined,
    memoryBytes: () => undefined,
    dispose: () => {},
  }
  const engine: Engine = { equip: () => {}, open: () => realm, dispose: () => {} }
  let posted = ''
  const flush = (): void => {
    if (posted !== '') said.push(posted)
    posted = ''
  }
  const far = new FarSandbox(0, {
    post: (report: Report) => {
      posted += 'c' in report ? `${report.t} ${report.c}` : report.t
    },
    flush,
    listen: () => {},
    close: () => {},
  })
  const clock = { stepMs: 1, runs: true, key: [0, 0] } as const
  const config = { trusted: true, outputBytes: 100, logBytes: 100, hostCalls: 1, functions: [], clock }
  await far.open({ t: 'open', s: 0, memoryBytes: 1, config, partition: '' }, '', engine, undefined)
  flush()
  said.length = 0
  return { far, entered, said }
}

const order = (c: number, wallMs = 1000) =>
  ({ t: 'call', s: 0, c, wallMs, cpuMs: 1000, name: 'default', mayCut: false }) as const

const DONE = record('D', 'J[1]')

describe('a far side with calls ahead', () => {
  it('starts one when the one before has ended, and has sent its result by then', async () => {
    const { far, entered, said } = await farSandbox()
    for (const c of [0, 1, 2]) far.call(order(c), `${c}`)
    expect(said).toEqual(['enters 0'])
    await entered[0]?.end(DONE)
    expect(said).toEqual(['enters 0', 'out', 'enters 1'])
    await entered[1]?.end(record('E', '{}'))
    expect(said.slice(3)).toEqual(['out', 'enters 2'])
  })

  it('counts the deadline of a call from its start', async () => {
    const { far, entered } = await farSandbox()
    far.call(order(0, 1000), '0')
    far.call(order(1, 50), '1')
    const until = performance.now() + 60
    while (performance.now() < until);
    await entered[0]?.end(DONE)
    expect(entered[1]?.budget.wallMs).toBeGreaterThan(10)
  })

  it('gives back a call that waits, and says nothing of one that has started', async () => {
    const { far, entered, said } = await farSandbox()
    for (const c of [0, 1, 2]) far.call(order(c), `${c}`)
    far.drop(0)
    far.drop(1)
    far.drop(7)
    await entered[0]?.end(DONE)
    expect(said).toEqual(['enters 0', 'dropped 1out', 'enters 2'])
  })

  it('listens before it starts one after a long one, which cannot be dropped any more', async () => {
    const { far, entered, said } = await farSandbox()
    for (const c of [0, 1, 2]) far.call(order(c), `${c}`)
    const until = performance.now() + 20
    while (performance.now() < until);
    const ended = entered[0]?.end(DONE)
    await Promise.resolve().then(() => Promise.resolve())
    await Promise.resolve()
    expect(said).toEqual(['enters 0'])
    far.drop(1)
    far.drop(2)
    await ended
    await setImmediate()
    expect(said.filter((text) => text.startsWith('enters'))).toEqual(['enters 0', 'enters 1'])
    expect(said.join()).toContain('dropped 2')
    expect(said.join()).not.toContain('dropped 1')
  })

  it.each([
    ['an error that nobody could catch', record('E', '{}', 1)],
    ['a limit', record('L', '0;x', 1) + record('X', 'logBytes')],
  ])('starts none after %s', async (_, records) => {
    const { far, entered, said } = await farSandbox()
    for (const c of [0, 1]) far.call(order(c), `${c}`)
    await entered[0]?.end(records)
    await setImmediate()
    expect(said.filter((text) => text.startsWith('enters'))).toEqual(['enters 0'])
  })

  it('says that it is stuck when a turn outlives its deadline, and not when one is in time', async () => {
    const { far, entered, said } = await farSandbox()
    far.call(order(0, 20), '0')
    await entered[0]?.end(DONE)
    far.call(order(1, 20), '1')
    await pause(60)
    await entered[1]?.end(DONE)
    far.call(order(2), '2')
    expect(said).toEqual(['enters 0', 'out', 'enters 1', 'stuckout', 'enters 2'])
  })

  it('starts none once it is closed', async () => {
    const { far, entered, said } = await farSandbox()
    for (const c of [0, 1]) far.call(order(c), `${c}`)
    const closing = far.close()
    await entered[0]?.end(DONE)
    await closing
    expect(said.filter((text) => text.startsWith('enters'))).toEqual(['enters 0'])
  })
})
