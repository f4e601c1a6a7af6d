import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { MemoryEvent } from '../../src/index.ts'
import type { Check, Deviation } from './guarantee.ts'
import { MEASURES } from './guarantees/cost.ts'
import { expectExceeded, expectServing } from './outcomes.ts'
import { guest, type Variant } from './scene.ts'

const MIB = 2 ** 20
const STUBBORN = 'Ends built-ins that nothing inside a process can stop at their limit'

/** Half a second of work in one instruction of the engine. */
const endsWithBuiltIn = (what: string): Check => ({
  title: what,
  check: async (scene) => {
    const options = { input: 2 ** 15, limits: { wallMs: 50 } }
    await expectExceeded(scene, guest('searches-text-backwards'), 'wallMs', options)
  },
})

const VM: readonly Deviation[] = [
  {
    row: STUBBORN,
    instead: 'when the built-in is done',
    reason: "the guest has the host's own thread, which cannot be killed",
    checks: [endsWithBuiltIn('ends it when the built-in is done, and the host waits until then')],
  },
  {
    row: 'Ends a guest at its memory limit in the middle of a turn',
    instead: 'between turns',
    reason: "the heap is the host's, and nothing can look at it while a turn has the thread",
    checks: [
      {
        title: 'ends a turn that allocates for ever at its deadline',
        check: async (scene) => {
          const limits = { memoryBytes: 32 * MIB, wallMs: 150 }
          const { outcome } = await scene.run(guest('allocates-forever'), { limits })
          assert.equal(outcome.kind, 'exceeded')
          await expectServing(scene)
        },
      },
    ],
  },
  {
    row: MEASURES,
    instead: 'as what the heap grew by in its turns',
    reason: "the heap is the host's, and a collection in a guest's turn may take away what was somebody else's",
    checks: [
      {
        title: 'sees a guest that keeps more and more, and warns before it ends it',
        check: async (scene) => {
          const events: MemoryEvent[] = []
          const stop = scene.broker.on('memory', (event) => events.push(event))
          const limits = { memoryBytes: 64 * MIB, wallMs: 10_000 }
          const running = scene.start(guest('leaks-between-turns'), { limits })
          let live = 0
          void running.result.then(() => clearInterval(poll))
          const poll = setInterval(() => {
            live = Math.max(live, running.usage().peakMemoryBytes ?? 0)
          }, 5)
          const { id, outcome, usage } = await running.result
          stop()
          assert.deepEqual(outcome, { kind: 'exceeded', limit: 'memoryBytes' })
          assert.ok(live > 0 && live <= (usage.peakMemoryBytes ?? 0), `${live} was seen live`)
          assert.deepEqual(
            events.map((event) => [event.id, event.limitBytes]),
            [[id, 64 * MIB]],
          )
        },
      },
    ],
  },
  {
    row: 'Kills a guest that never yields, and nothing of it runs on',
    instead: 'at the end of its turn, which its deadline bounds',
    reason: "a turn has the host's own thread, so nobody is there to kill it",
    checks: [
      {
        title: 'ends a turn under way at its deadline, before a kill is even heard',
        check: async (scene) => {
          const start = performance.now()
          const running = scene.start(guest('spins'), { limits: { wallMs: 150 } })
          await delay(20)
          await running.kill('heard late')
          assert.ok(performance.now() - start >= 149, 'the host was not blocked')
          // Which of the two is heard first once the host has its thread again is chance; that it has it again is not.
          assert.match((await running.result).outcome.kind, /^(?:exceeded|killed)$/)
          await expectServing(scene)
        },
      },
    ],
  },
]

const WORKER: readonly Deviation[] = [
  {
    row: STUBBORN,
    instead: 'when the built-in is done; the host goes on',
    reason: 'a thread cannot be ended while such a built-in has it',
    checks: [endsWithBuiltIn('ends it when the built-in is done')],
  },
]

const INLINE: readonly Deviation[] = [
  {
    row: STUBBORN,
    instead: 'given up, and runs on until the built-in is done',
    reason: 'an isolate in the host process has no process of its own that could be killed',
    checks: [endsWithBuiltIn('gives it up')],
  },
]

/** What each tier does not hold to, and what it does instead. */
export const DEVIATIONS: Readonly<Record<Variant, readonly Deviation[]>> = {
  vm: VM,
  worker: WORKER,
  isolate: [],
  'isolate-inline': INLINE,
  process: [],
}
