import { afterAll, describe, expect, it } from 'vitest'
import { runCheck } from './target.ts'
import { TARGETS } from './targets.ts'

const FIXED = 20_261_123
const RANDOM = Math.floor(Math.random() * 2 ** 30)
process.stdout.write(`fuzzing from the seeds ${FIXED} and ${RANDOM}\n`)

describe.each(TARGETS)('the $name holds whatever it is given:', ({ checks, close, exempted }) => {
  afterAll(async () => close?.())

  it.each(checks)('$title', async (check) => {
    for (const seed of [FIXED, RANDOM]) {
      const { runs, failure } = await runCheck(check, { seed })
      expect(failure?.report).toBeUndefined()
      expect(runs).toBe(check.runs)
    }
    // Cases that are let off tell nothing.
    const letOff = Object.values(exempted?.() ?? {}).reduce((sum, count) => sum + count, 0)
    const cases = checks.slice(0, checks.indexOf(check) + 1).reduce((sum, { runs }) => sum + 2 * runs, 0)
    expect(letOff).toBeLessThan(cases / 2)
  })
})
