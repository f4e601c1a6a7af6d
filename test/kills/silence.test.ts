import { expect, it } from 'vitest'
import { record } from '../tiers/far-side.ts'
import { underWay } from '../tiers/under-way.ts'

/** What a guest that took its far side over may go on to say. */
const WORDS: readonly (readonly [string, string])[] = [
  ['a line', record('L', '5;late', 2)],
  ['a call of the host', record('H', 'host/tick\nT[[],[]]', 1)],
  ['a result', record('D', 'J[1]')],
  ['an error', record('E', '{"name":"Error","message":"late"}')],
]

it.each(WORDS)('%s that a far side tells after its guest was killed reaches nobody', async (_, words) => {
  let calls = 0
  const tick = { sync: false, invoke: () => Promise.resolve(String((calls += 1))) }
  const { far, sandbox, ending, logs, out } = await underWay(new Map([['host/tick', tick]]))
  out(record('L', '4;early', 2), record('H', 'host/tick\nT[[],[]]', 1))
  expect([logs.length, calls]).toEqual([1, 1])
  const killing = sandbox.kill()
  out(words)
  far.say({ t: 'closed', s: 0 })
  await killing
  const told = await ending
  const sent = far.orders.length
  out(words)
  far.say({ t: 'sync', s: 0, name: 'host/tick' }, 'T[[],[]]')
  await new Promise(setImmediate)
  expect(told).toMatchObject({ kind: 'crashed', detail: 'the sandbox was killed' })
  expect([logs.length, calls, far.orders.length]).toEqual([1, 1, sent])
})
