import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Execution, Limits } from '../../src/index.ts'
import { openScene, type Scene, VARIANTS, type Variant } from '../contract/scene.ts'
import { type Attack, LIMITS } from './attack.ts'
import { DEVIATIONS, type Deviation } from './deviations.ts'
import { endOf, expectEnd } from './expect-end.ts'

/** How late a machine under load may be: what is proven is that an end comes, and which. */
const CEILING_MS = 20_000
/** Time enough for an honest program, also where it waits for an attack that has its thread. */
const HONEST = { input: { a: 1, b: 2 }, limits: { wallMs: 30_000 } }
/** `RINGFENCE_DENIAL=all` runs every attack in every tier, which takes minutes. */
const EVERYWHERE = process.env['RINGFENCE_DENIAL'] === 'all'

/**
 * Runs attacks beside an honest program, and expects the end of each, and the honest to be served. Every attack is run in
 * isolates, and in one other tier by turns.
 */
export function describeAttacks(family: string, attacks: readonly Attack[]): void {
  describe.each(VARIANTS)(`${family} in the tier %s`, (variant) => {
    let scene: Scene
    beforeAll(async () => {
      scene = await openScene(variant)
    })
    afterAll(() => scene[Symbol.asyncDispose]())
    for (const attack of attacks.filter((one, index) => EVERYWHERE || isRunIn(variant, one, index))) {
      const deviation = DEVIATIONS[variant].find(({ titles }) => titles.includes(attack.title))
      const reason = deviation === undefined ? '' : `: ${deviation.reason}`
      it.skipIf(deviation?.ends === 'never')(`${attack.title}${reason}`, async () => {
        const neighbour = await withstand(scene, attack, deviation)
        // Where the machine is so busy that it had no turn before the attack's process was ended, it ended with it.
        const wasLost = variant === 'isolate' && neighbour.outcome.kind === 'crashed'
        expect(wasLost || endOf(neighbour.outcome)).toBe(wasLost || 'returned 3')
        const next = await scene.run('input.a + input.b', HONEST)
        expect(next.outcome).toEqual({ kind: 'returned', value: 3 })
      })
    }
  })
}

/** The process tier has the isolate's engine and starts a process for each guest, so its turn comes less often. */
const TURNS: readonly Variant[] = ['vm', 'worker', 'isolate-inline', 'vm', 'worker', 'process']

function isRunIn(variant: Variant, { everywhere }: Attack, index: number): boolean {
  if (everywhere === true || variant === 'isolate') return true
  return TURNS[index % TURNS.length] === variant
}

/** Runs an attack, expects its end, and gives what became of an honest program that ran at the same time. */
async function withstand(scene: Scene, attack: Attack, deviation: Deviation | undefined): Promise<Execution> {
  const honest = scene.run('input.a + input.b', HONEST)
  const execution = await scene.run(attack.source, { ...attack.options, limits: limitsOf(attack) })
  const ends = deviation?.ends ?? attack.ends
  if (ends !== 'never') expectEnd(execution, ends)
  expect(execution.usage.wallMs).toBeLessThan(CEILING_MS)
  return honest
}

/** What ends by itself or at another limit is given all the time it needs, however busy the machine is. */
function limitsOf({ ends, options }: Attack): Partial<Limits> {
  const needsDeadline = ends === 'wallMs' || (typeof ends !== 'string' && ends.includes('wallMs'))
  return { ...LIMITS, ...options?.limits, ...(needsDeadline ? {} : { wallMs: CEILING_MS }) }
}
