import { afterEach, describe, expect, it } from 'vitest'
import { createBroker } from '../../src/index.ts'
import { type Owner, ownerKey, recall } from '../../src/program/cache.ts'
import { checkOptions } from '../../src/program/prepare-options.ts'
import type { PreparedData } from '../../src/program/program-data.ts'
import { Compiler } from '../../src/tiers/compiler.ts'
import { compilerPool } from '../../src/tiers/preparer.ts'
import { residentBytes } from '../../src/tiers/process-usage.ts'
import { compilers } from '../leaks/compilers.ts'
import { eventually } from '../leaks/held.ts'

const OWNER: Owner = { trust: 'untrusted', tenant: 'a' }
/** The parser tries every `<` as the start of type arguments: it is ended at its deadline, nine tenths of a second from now. */
const SLOW = ('a<'.repeat(400) + 'b;').repeat(125)
const textOf = (name: string): string => `export default () => '${name}' // ${'-'.repeat(300)}`

afterEach(async () => {
  if (!(await eventually(() => compilers().length === 0, 10_000))) throw new Error(`left: ${compilers().join()}`)
})

const killCompilers = (): number => {
  const pids = compilers()
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  return pids.length
}

const kindOf = (source: string): PreparedData['kind'] | 'failed' | undefined =>
  recall(source, checkOptions(source, {}), ownerKey(OWNER))?.kind

describe('a compiler that is killed', () => {
  it('while nobody uses it is replaced', async () => {
    await using pool = compilerPool()
    await pool.prepare(textOf('before'), {}, OWNER)
    expect(killCompilers()).toBeGreaterThan(0)
    await pool.prepare(textOf('after'), {}, OWNER)
    expect(kindOf(textOf('after'))).toBe('ready')
  })

  it('once under a text gives the text to another, which judges it', async () => {
    await using broker = await createBroker()
    await broker.run(textOf('first'))
    const text = `${SLOW} // killed once`
    const running = broker.start(text)
    expect(await eventually(() => killCompilers() > 0, 10_000)).toBe(true)
    const { outcome } = await running.result
    expect(outcome).toMatchObject({ kind: 'threw', error: { name: 'SyntaxError' } })
    expect(JSON.stringify(outcome)).toMatch(/takes the parser too (?:long|much memory): more than \d+ (?:ms|MiB)/)
  })

  it('every time is no fault of syntax: the execution has crashed, and the next text is compiled', async () => {
    await using broker = await createBroker()
    const running = broker.start(`${SLOW} // killed for ever`)
    let isOver = false
    const ended = running.result.finally(() => {
      isOver = true
    })
    await eventually(() => {
      killCompilers()
      return isOver
    }, 20_000)
    const { outcome } = await ended
    expect(outcome).toMatchObject({ kind: expect.stringMatching(/^(crashed|refused)$/) })
    expect(JSON.stringify(outcome)).toMatch(/SIGKILL|the pipe closed/)
    expect((await broker.run(textOf('next'))).outcome).toEqual({ kind: 'returned', value: 'next' })
  })
})

describe('a text that nobody waits for any more', () => {
  it('leaves the queue at once, and is never compiled', async () => {
    await using pool = compilerPool()
    const aborter = new AbortController()
    const slow = pool.prepare(`${SLOW} // in the way`, {}, OWNER)
    const texts = Array.from({ length: 20 }, (_, nth) => textOf(`given up ${nth}`))
    const waiting = texts.map((text) => pool.prepare(text, {}, OWNER, aborter.signal))
    aborter.abort()
    await Promise.all(waiting)
    await slow
    await pool.prepare(textOf('behind them'), {}, OWNER)
    expect(kindOf(textOf('behind them'))).toBe('ready')
    expect(texts.map(kindOf)).toEqual(texts.map(() => undefined))
  })

  it('is not taken when it comes too late', async () => {
    await using pool = compilerPool()
    await pool.prepare(textOf('too late'), {}, OWNER, AbortSignal.abort())
    expect(compilers()).toEqual([])
  })

  it('does not keep its compiler until its deadline', async () => {
    await using pool = compilerPool()
    await pool.prepare(textOf('warm'), {}, OWNER)
    const [pid] = compilers()
    const aborter = new AbortController()
    const long = `${SLOW.repeat(8)} // given up`
    const slow = pool.prepare(long, {}, OWNER, aborter.signal)
    aborter.abort()
    await slow
    await pool.prepare(textOf('after it'), {}, OWNER)
    expect(kindOf(textOf('after it'))).toBe('ready')
    expect(compilers()).not.toContain(pid)
  })
})

const NEVER = new AbortController().signal

it('a compiler that holds more than its text allows is ended, and is there for the next one', async () => {
  await using compiler = new Compiler((characters) => (characters > 1000 ? 150 : 1000) * 2 ** 20)
  await compiler.start()
  // Eight times the text has eight times as long.
  const hungry = await compiler.compile(`${SLOW.repeat(8)} // hungry`, checkOptions('', {}), NEVER)
  expect(hungry).toEqual({ kind: 'refused', why: 'it takes the parser too much memory: more than 150 MiB' })
  await compiler.start()
  expect(await compiler.compile(textOf('fed'), checkOptions('', {}), NEVER)).toMatchObject({ kind: 'done' })
})

it('a compiler that holds much after a text does not keep it for the next one', async () => {
  await using pool = compilerPool()
  const many = `export default () => 0; ${'a=b;'.repeat(250_000)}`
  await pool.prepare(many, {}, OWNER)
  expect(kindOf(many)).toBe('ready')
  await pool.prepare(textOf('behind it'), {}, OWNER)
  expect(kindOf(textOf('behind it'))).toBe('ready')
  expect(Math.max(...compilers().map((pid) => residentBytes(pid) ?? 0))).toBeLessThan(512 * 2 ** 20)
})
