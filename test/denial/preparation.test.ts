import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Broker, createBroker } from '../../src/index.ts'
import { SOURCES } from './attacks/sources.ts'
import { expectEnd } from './expect-end.ts'

/** What V8 itself needs for the largest of these, which are compiled before the deadline of the call starts. */
const LIMITS = { wallMs: 1000, memoryBytes: 64 * 2 ** 20 }
/** How late the host may be on a busy machine; without the other process it stands still for as long as the parser takes. */
const LATE_MS = 500
/** The parser tries every `<` as the start of type arguments: seconds of work. */
const OVERWHELMING = ('a<'.repeat(400) + 'b;').repeat(125)

let broker: Broker
beforeAll(async () => {
  broker = await createBroker()
})
afterAll(() => broker.close())

/** How long the host's thread is held up at most while something runs. */
async function longestDelayDuring(run: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, 10)
  await run()
  clearInterval(timer)
  return Math.max(longest, performance.now() - last)
}

describe.each(['untrusted', 'limited'] as const)('a source of trust "%s"', (trust) => {
  const attacks = trust === 'untrusted' ? SOURCES : SOURCES.filter(({ title }) => title.includes('flood'))
  it.each(attacks)('ends when it is $title', async ({ source, ends, options }) => {
    // The comment makes it a text that is not known yet.
    expectEnd(await broker.run(`${source}\n// ${trust}`, { ...options, trust, limits: LIMITS }), ends)
    const next = await broker.run('input + 1', { input: 1, trust })
    expect(next.outcome).toEqual({ kind: 'returned', value: 2 })
  })

  it('that takes the parser too long, or too much, does not hold the host up, and is told so', async () => {
    const longest = await longestDelayDuring(async () => {
      const { outcome } = await broker.run(`${OVERWHELMING} // ${trust}`, { trust })
      expect(outcome).toMatchObject({ kind: 'threw', error: { name: 'SyntaxError' } })
      expect(JSON.stringify(outcome)).toMatch(/takes the parser too (?:long|much memory): more than \d+ (?:ms|MiB)/)
    })
    expect(longest).toBeLessThan(LATE_MS)
  })

  it('whose modules are long is given time for them', async () => {
    const modules = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`m${i}`, longModule(i)]))
    const source = `${Object.keys(modules)
      .map((name) => `import ${name} from '${name}'\n`)
      .join('')} export default () => m7`
    const { outcome } = await broker.run(source, { trust, modules, limits: LIMITS })
    expect(outcome).toEqual({ kind: 'returned', value: 7 })
  })
})

/** Text that takes the compiler long, though there is nothing wrong with it. */
function longModule(index: number): string {
  return `const list = [${'1,'.repeat(20_000)}]; export default ${index}`
}

describe('a source that is trusted', () => {
  it.each(SOURCES.filter(({ options }) => options?.modules !== undefined))('ends when it is $title', async (attack) => {
    const execution = await broker.run(attack.source, { ...attack.options, trust: 'trusted', limits: LIMITS })
    expectEnd(execution, attack.ends)
    expect(execution.tier).toBe('vm')
  })
})
