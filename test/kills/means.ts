import assert from 'node:assert/strict'
import type { Outcome, Scope } from '../../src/index.ts'
import { killed } from '../contract/outcomes.ts'
import type { Scene } from '../contract/scene.ts'
import type { Target } from './target.ts'

/** A way to end guests that are under way. */
export interface Means {
  readonly by: string
  /** The wall time of guests that are to meet their deadline. */
  readonly wallMs?: number
  /** Whether the broker is gone afterwards. */
  readonly closes?: true
  /** Ends the guests; resolves once nothing of them runs any more. */
  end(scene: Scene, targets: readonly Target[]): Promise<void>
  expected(target: Target): Outcome
}

const REASON = 'incident 7'
const bySwitch = (): Outcome => killed('switch', REASON)

const scopeKill = (kind: string, scopeOf: (scene: Scene, target: Target) => Scope): Means => ({
  by: `a kill of their ${kind}`,
  expected: bySwitch,
  end: async (scene, targets) => {
    let ended = 0
    for (const target of targets) ended += await scene.broker.kill(scopeOf(scene, target), REASON)
    // In the vm tier one that never yields has met its deadline before the kill was heard.
    assert.ok(ended <= targets.length)
  },
})

const QUARANTINED = 'Quarantined: ended badly 1 times within 60000 ms, at last exceeded "wallMs"'

/** Every means there is. */
export const MEANS: readonly Means[] = [
  {
    by: 'their handles',
    expected: () => killed('handle', REASON),
    end: async (_, targets) => {
      await Promise.all(targets.map(({ running }) => running.kill(REASON)))
    },
  },
  {
    by: 'an AbortSignal',
    expected: () => killed('signal', REASON),
    end: async (_, targets) => {
      for (const { controller } of targets) controller.abort(new Error(REASON))
      await Promise.all(targets.map(({ running }) => running.result))
    },
  },
  scopeKill('tenant', (_, { tenant }) => ({ tenant })),
  scopeKill('program', (_, { program }) => ({ program })),
  scopeKill('tier', ({ tier }) => ({ tier })),
  scopeKill('trust level', () => ({ trust: 'trusted' })),
  scopeKill('everything', () => ({ all: true })),
  {
    by: 'a block',
    expected: bySwitch,
    end: async (scene, targets) => {
      await Promise.all(targets.map(({ tenant }) => scene.broker.block({ tenant }, REASON)))
      for (const { tenant } of targets) {
        assert.equal((await scene.run('1', { tenant })).outcome.kind, 'refused')
        assert.equal(await scene.broker.unblock({ tenant }), true)
      }
    },
  },
  {
    by: 'the quarantine of their tenant',
    expected: () => killed('switch', QUARANTINED),
    end: async (scene, targets) => {
      for (const { tenant } of targets) {
        await scene.run('new Promise(() => {})', { tenant, limits: { wallMs: 5 } })
        // Resolves once what the quarantine ended is gone.
        await scene.broker.kill({ tenant }, REASON)
        assert.equal((await scene.run('1', { tenant })).outcome.kind, 'refused')
        await scene.broker.unblock({ tenant })
      }
    },
  },
  {
    by: 'the closing of their broker',
    closes: true,
    expected: () => killed('close', 'The broker was closed'),
    end: (scene) => scene.broker.close(),
  },
  {
    by: 'their deadline',
    wallMs: 120,
    expected: () => ({ kind: 'exceeded', limit: 'wallMs' }),
    end: async (_, targets) => {
      await Promise.all(targets.map(({ running }) => running.result))
    },
  },
]
