import { expect, test } from 'vitest'
import type { HostFunction } from '../../src/core/sandbox.ts'
import { hang, returned, type Script } from '../broker/fake-tier.ts'
import { SOURCE, sceneOf } from '../broker/scene.ts'

const never = new AbortController().signal

/** A far side in the hands of its guest, which gives chunks by its own rules. */
function lying(give: (put: HostFunction) => void, then: Script = hang): Script {
  return (call, sandbox) => {
    const put = sandbox.guest.functions.get('ringfence:stream/put')
    if (put !== undefined) give(put)
    return then(call, sandbox)
  }
}

/** Gives a chunk without waiting for the answer. */
async function send(put: HostFunction, text: string, answers: unknown[]): Promise<void> {
  try {
    answers.push(await put.invoke(text, never))
  } catch (error) {
    answers.push(String(error))
  }
}

test('a flood of chunks out of turn is counted as host calls, and gives its reader no more than the one wanted and the few ahead', async () => {
  const answers: unknown[] = []
  const flood = lying((put) => {
    for (let i = 0; i < 200; i += 1) void send(put, 'J1', answers)
  })
  await using scene = sceneOf({ script: flood })
  const stream = scene.broker.stream(SOURCE, { limits: { hostCalls: 50 } })
  expect(await Array.fromAsync(stream)).toEqual([1, 1, 1, 1, 1])
  expect((await stream.result).outcome).toEqual({ kind: 'exceeded', limit: 'hostCalls' })
  expect(answers).toContain('Error: Cannot give a chunk: it is not the turn of one')
  expect(answers).toHaveLength(200)
})

test('chunks for a call that takes none are counted as host calls', async () => {
  const answers: unknown[] = []
  const flood = lying((put) => {
    for (let i = 0; i < 200; i += 1) void send(put, 'J1', answers)
  })
  await using scene = sceneOf({ script: flood })
  const { outcome } = await scene.broker.run(SOURCE, { limits: { hostCalls: 50 } })
  expect(outcome).toEqual({ kind: 'exceeded', limit: 'hostCalls' })
})

test('the bytes of chunks are counted here, whatever the far side counts', async () => {
  const answers: unknown[] = []
  const large = lying((put) => void send(put, `S${'x'.repeat(200)}`, answers))
  await using scene = sceneOf({ script: large })
  const stream = scene.broker.stream(SOURCE, { limits: { outputBytes: 100 } })
  expect(await Array.fromAsync(stream)).toEqual([])
  expect((await stream.result).outcome).toEqual({ kind: 'exceeded', limit: 'outputBytes' })
})

test('a chunk that no codec of ours wrote is refused, and one after the end goes nowhere', async () => {
  const answers: unknown[] = []
  const puts: HostFunction[] = []
  const malformed = lying(
    (put) => {
      puts.push(put)
      void send(put, 'T[[[9],["O"]],[]]', answers)
    },
    () => returned('end'),
  )
  await using scene = sceneOf({ script: malformed })
  const stream = scene.broker.stream(SOURCE)
  expect(await Array.fromAsync(stream)).toEqual([])
  expect((await stream.result).outcome).toEqual({ kind: 'returned', value: 'end' })
  for (const put of puts) await send(put, 'J1', answers)
  expect(answers).toEqual([expect.stringContaining('Cannot'), 'Error: Cannot give a chunk: no call is running'])
  expect(await stream.next()).toMatchObject({ done: true })
})

test('a far side that asks for an input out of turn, or for none that is there, spends host calls', async () => {
  const flood: Script = (call, sandbox) => {
    const take = sandbox.guest.functions.get('ringfence:stream/take')
    for (let i = 0; i < 100; i += 1) if (take !== undefined) void send(take, 'Jnull', [])
    return hang(call, sandbox)
  }
  await using scene = sceneOf({ script: flood })
  const input = ReadableStream.from([1, 2])
  for (const given of [{ input }, {}]) {
    const { outcome } = await scene.broker.run(SOURCE, { ...given, limits: { hostCalls: 50 } })
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'hostCalls' })
  }
})
