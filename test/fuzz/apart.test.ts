import { describe, expect, it } from 'vitest'
import { type Clock, fuzzApart, type Summary } from '../../scripts/fuzz/parent.ts'

const targets = new URL('../fixtures/fuzz/wild-targets.ts', import.meta.url).href
const QUICK: Clock = { forMs: 300, patienceMs: 2000 }

const fuzz = async (target: string, more: { readonly path?: string } = {}): Promise<Summary> =>
  fuzzApart({ targets, target, seed: 1, ...more }, QUICK)

describe('fuzzing in a process of its own', () => {
  it.each(['holds', 'is given separators of lines'])(
    'of a target that %s says how many cases held, and stops when the time is over',
    async (target) => {
      const { executions, ending, finding } = await fuzz(target)
      expect({ ending, finding }).toEqual({ ending: undefined, finding: undefined })
      expect(executions).toBeGreaterThan(0)
    },
  )

  it('shows the smallest case that fails, and its path leads back to it', async () => {
    const first = await fuzz('fails')
    expect(first.finding?.report).toMatch(/Counterexample: \[6\][^]*above five/)
    const again = await fuzz('fails', { path: first.finding?.at.path ?? '' })
    expect(again.finding?.report).toMatch(/Counterexample: \[6\]/)
    expect(again.executions).toBeLessThan(first.executions)
  })

  it.each([
    ['spins', 'a case did not end'],
    ['never settles', 'a case did not end'],
    ['exits', 'the process ended with 0'],
    ['throws in a timer', 'from a timer'],
  ])('a target that %s is ended, and the case it ran is shown and replays', async (target, why) => {
    const { ending, finding } = await fuzz(target)
    expect(ending).toContain(why)
    const value = Number(/^\[(\d+)\]$/m.exec(finding?.report ?? '')?.[1])
    expect(value).toBeGreaterThan(5)
    const again = await fuzz(target, { path: finding?.at.path ?? '' })
    expect(again.executions).toBe(0)
    expect(again.finding?.report).toContain(`[${value}]`)
  })

  it('a target that does not close is ended', async () => {
    const { executions, ending, finding } = await fuzz('does not close')
    expect(ending).toBe('the target did not close')
    expect(executions).toBeGreaterThan(0)
    expect(finding).toBeUndefined()
  })

  it('a target that goes on reporting is ended all the same', async () => {
    const { ending, tookMs } = await fuzz('goes on for ever')
    expect(ending).toBe('it went on after its time')
    expect(tookMs).toBeLessThan(20_000)
  })

  it('a target that dies in the middle of what it tells is shown with its case', async () => {
    const { ending, finding } = await fuzz('dies in the middle of a line')
    expect(ending).toBe('the process ended with SIGKILL')
    expect(finding?.report).toMatch(/^\[\d+\]$/m)
  })

  it('a target is not waited for by who is left of it', async () => {
    const { ending, tookMs } = await fuzz('leaves somebody behind who holds the pipe')
    expect(ending).toBe('the process ended with 0')
    expect(tookMs).toBeLessThan(7000)
  })

  it('what failed before a case hung is shown beside it', async () => {
    const { ending, finding } = await fuzz('fails, then spins while it is shrunk')
    expect(ending).toBe('a case did not end')
    expect(finding?.report).toMatch(/smallest that failed before:\n\[\d+\]\nfirst/)
  })
})
