import assert from 'node:assert/strict'
import type { Data, Execution, GuestError, Limits, Outcome, RunOptions } from '../../src/index.ts'
import type { Scene } from './scene.ts'

/** How late a machine under load may be. What each tier needs on a quiet one is measured by the benchmarks. */
const PATIENCE_MS = 2000

/** The value an execution returned. */
export function returned({ outcome }: Execution): Data {
  if (outcome.kind === 'returned') return outcome.value
  assert.fail(`did not return: ${JSON.stringify(outcome)}`)
}

/** The error an execution threw. */
export function threw({ outcome }: Execution): GuestError {
  if (outcome.kind === 'threw') return outcome.error
  assert.fail(`did not throw: ${JSON.stringify(outcome)}`)
}

/** Runs a program and gives what it returned. */
export async function valueOf(scene: Scene, source: string, options?: RunOptions): Promise<Data> {
  return returned(await scene.run(source, options))
}

/** Runs a program that misbehaves, expects its end at a limit, and the next program to be served as ever. */
export async function expectExceeded(
  scene: Scene,
  source: string,
  limit: keyof Limits,
  options: RunOptions,
): Promise<Execution> {
  const execution = await scene.run(source, options)
  assert.deepEqual(execution.outcome, { kind: 'exceeded', limit })
  const { wallMs } = execution.usage
  const allowedMs = options.limits?.wallMs
  if (allowedMs !== undefined) assert.ok(wallMs < allowedMs + PATIENCE_MS, `control came back after ${wallMs} ms`)
  await expectServing(scene)
  return execution
}

/** The broker answers as if nothing had happened. */
export async function expectServing(scene: Scene): Promise<void> {
  assert.equal(await valueOf(scene, 'input.a + input.b', { input: { a: 1, b: 2 } }), 3)
}

/** The outcome of an execution that was ended by somebody. */
export function killed(by: Extract<Outcome, { kind: 'killed' }>['by'], reason: string): Outcome {
  return { kind: 'killed', by, reason }
}
