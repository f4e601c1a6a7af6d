import { afterAll, describe, expect, it } from 'vitest'
import { runCheck } from './target.ts'
import { TARGETS } from './targets.ts'

const FIXED = 20_261_123
const RANDOM = Math.floor(Math.random() * 2 ** 30)
process.stdout.write(`fuzzing from the seeds ${FIXED} and ${RANDOM}\n`)

describe.each(TARGETS)('the $name holds whatever it is given:', ({ checks, close }) => {
  afterAll(async () => close?.())

  it.each(checks)('$title', async (check) => {
    for (const seed of [FIXED, RANDOM]) {
      const { runs, failure } = await runCheck(check, { seed })
      expect(failure?.report).toBeUndefined()
      expect(runs).toBe(check.runs)
    }
  })
})
