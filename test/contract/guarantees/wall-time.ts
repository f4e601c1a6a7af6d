import assert from 'node:assert/strict'
import type { Check, Guarantee } from '../guarantee.ts'
import { expectExceeded, threw } from '../outcomes.ts'
import { guest, type Scene } from '../scene.ts'

const WALL_MS = 150

const endsAtDeadline = (title: string, name: string): Check => ({
  title,
  check: async (scene: Scene) => {
    const functions = { lookup: () => 1 }
    const limits = { wallMs: WALL_MS }
    const execution = await expectExceeded(scene, guest(name), 'wallMs', { limits, functions })
    assert.ok(execution.usage.wallMs >= WALL_MS - 1, `it ended after ${execution.usage.wallMs} ms already`)
  },
})

const synchronous: readonly Check[] = [
  endsAtDeadline('ends a loop', 'spins'),
  endsAtDeadline('ends a loop that guards itself with finally', 'spins-in-finally'),
  endsAtDeadline('ends a loop at the top level of a module', 'spins-on-load'),
  endsAtDeadline('ends a regular expression that backtracks for ever', 'backtracks'),
  endsAtDeadline('ends a loop in a callback of a timer', 'spins-in-timer'),
]

const asynchronous: readonly Check[] = [
  endsAtDeadline('ends a loop of promises', 'spins-in-promises'),
  endsAtDeadline('ends a loop of microtasks', 'spins-in-microtasks'),
  endsAtDeadline('ends the wait for a promise that never settles', 'never-settles'),
  endsAtDeadline('ends the wait for a top-level promise that never settles', 'waits-on-load'),
  endsAtDeadline('ends a guest whose interval never stops', 'ticks-forever'),
]

const traps: readonly Check[] = [
  endsAtDeadline('ends a getter of a thrown error: message', 'throws-spinning-message'),
  endsAtDeadline('ends a getter of a thrown error: name', 'throws-spinning-name'),
  endsAtDeadline('ends a getter of a thrown error: stack', 'throws-spinning-stack'),
  endsAtDeadline('ends a getter of a rejection nobody handles', 'rejects-spinning-message'),
  endsAtDeadline('ends a proxy that was thrown', 'throws-spinning-proxy'),
  endsAtDeadline('ends a getter of the result', 'returns-spinning-getter'),
  endsAtDeadline('ends a getter named then', 'returns-spinning-then'),
  endsAtDeadline('ends a getter of what is logged', 'logs-spinning-tostring'),
  endsAtDeadline('ends a getter of the arguments of a host function', 'passes-spinning-getter'),
  {
    title: 'does not call toJSON, and refuses the function it is',
    check: async (scene) => {
      const execution = await scene.run(guest('returns-spinning-tojson'), { limits: { wallMs: WALL_MS } })
      assert.equal(threw(execution).name, 'DataCloneError')
    },
  },
]

const builtIns: readonly Check[] = [
  endsAtDeadline('ends the search of an array-like of absurd length', 'searches-absurd-array-like'),
  endsAtDeadline('ends the filling of an array-like of absurd length', 'fills-absurd-array-like'),
  endsAtDeadline('ends a sort of a long list', 'sorts-slowly'),
]

/** Takes minutes, in one instruction as far as the engine is concerned. */
const TEXT_LENGTH = 2 ** 20

const stubborn: readonly Check[] = [
  endsAtDeadline('ends the conversion of a huge big integer to text', 'converts-huge-bigint'),
  {
    title: 'ends a search for text that nothing inside a process can stop, and serves the next call',
    check: async (scene) => {
      const options = { input: TEXT_LENGTH, limits: { wallMs: WALL_MS } }
      await expectExceeded(scene, guest('searches-text-backwards'), 'wallMs', options)
    },
  },
  {
    title: 'ends it when the guest reached it by a promise, a timer or a getter of its error',
    check: async (scene) => {
      const search = '("a".repeat(2 ** 20).lastIndexOf("a".repeat(2 ** 19) + "b"))'
      const sources = [
        `export default async () => { await null; ${search} }`,
        `export default () => new Promise(() => setTimeout(() => ${search}, 1))`,
        `export default () => { throw { name: 'E', get message() { ${search} } } }`,
      ]
      for (const source of sources) await expectExceeded(scene, source, 'wallMs', { limits: { wallMs: WALL_MS } })
    },
  },
]

/** Takes a second or less, and says afterwards that it succeeded. */
const late: readonly Check[] = [
  {
    title: 'takes no result that a long built-in brings after the deadline',
    check: async (scene) => {
      const options = { input: 2 ** 15, limits: { wallMs: 30 } }
      await expectExceeded(scene, guest('searches-text-backwards'), 'wallMs', options)
    },
  },
]

/** The deadline. */
export const WALL_TIME: readonly Guarantee[] = [
  { row: 'Ends an endless loop at its limit', checks: synchronous },
  { row: 'Ends endless promises, timers and waits at their limit', checks: asynchronous },
  { row: 'Ends hostile getters, proxies and thenables at their limit', checks: traps },
  { row: 'Ends the long built-ins of arrays at their limit', checks: builtIns },
  { row: 'Ends built-ins that nothing inside a process can stop at their limit', checks: stubborn },
  { row: 'Takes no result after the deadline', checks: late },
]
