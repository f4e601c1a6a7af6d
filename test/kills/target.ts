import assert from 'node:assert/strict'
import * as z from 'zod'
import { prepare, type Running, type RunOptions } from '../../src/index.ts'
import type { Scene } from '../contract/scene.ts'

/** A guest that is to be killed, and what it did to the host. */
export interface Target {
  readonly running: Running
  readonly tenant: string
  readonly program: string
  readonly controller: AbortController
  /** How often it called the host. */
  calls(): number
  /** Resolves once it runs, or has ended before that. */
  readonly underWay: Promise<unknown>
}

/** The content hash of a program that imports from the host. */
export function hashOf(source: string): string {
  const prepared = prepare(source, { hostModules: ['host'] })
  assert.equal(prepared.kind, 'ready')
  return prepared.program.hash
}

/** Starts a guest with a tenant of its own. */
export function startTarget(scene: Scene, source: string, tenant: string, options: RunOptions = {}): Target {
  const first = Promise.withResolvers<void>()
  const controller = new AbortController()
  let calls = 0
  const count = (): number => (calls += 1)
  const functions = {
    started: () => {
      count()
      first.resolve()
    },
    tick: () => void count(),
    peek: { call: count, sync: true },
    picky: { call: count, args: z.tuple([z.number()]) },
    waitForever: () => {
      count()
      return new Promise(() => {})
    },
  }
  const running = scene.start(source, { functions, tenant, signal: controller.signal, ...options })
  return {
    running,
    tenant,
    program: hashOf(source),
    controller,
    calls: () => calls,
    underWay: Promise.race([first.promise, running.result]),
  }
}

/** So often a guest is started again that has met its deadline before it ran. */
const STARTS = 20

/**
 * Starts a guest with a tenant of its own and waits until it runs. On a busy machine a short deadline may be over before
 * that: the guest is then started again.
 */
export async function startUntilUnderWay(
  scene: Scene,
  source: string,
  tenant: string,
  options: RunOptions,
): Promise<Target> {
  for (let start = 1; ; start += 1) {
    const target = startTarget(scene, source, start === 1 ? tenant : `${tenant}, start ${start}`, options)
    await target.underWay
    if (target.calls() > 0 || start === STARTS) return target
    const { outcome } = await target.running.result
    assert.deepEqual(outcome, { kind: 'exceeded', limit: 'wallMs' })
  }
}
