import { describe, expect, it } from 'vitest'
import type { TierId, TrustLevel } from '../../src/core/types.ts'
import { createBroker } from '../../src/index.ts'

/** Where code of each level may run, and how far apart two moments are that it can tell from each other. */
const CLOCKS: readonly (readonly [trust: TrustLevel, tier: TierId, placement: 'process' | 'inline', stepMs: number])[] =
  [
    ['trusted', 'vm', 'process', 1],
    ['limited', 'worker', 'process', 1],
    ['untrusted', 'isolate', 'process', 5],
    ['untrusted', 'isolate', 'inline', 5],
    ['untrusted', 'process', 'process', 5],
    ['hostile', 'process', 'process', 20],
  ]

/** A busy machine is slow, and what the operating system adds to a wall is not what is looked at here. */
const LIMITS = { wallMs: 20_000, cpuMs: 10_000 }
const PATIENT = { levels: { untrusted: { limits: LIMITS }, hostile: { limits: LIMITS, isolation: 'none' } } }

/** Every way to the time of day, each in microseconds since the epoch, or a fraction of a second in them. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  'Date.now': 'Date.now() * 1000',
  'a new date': 'new Date().getTime() * 1000',
  'a date by coercion': '+new Date() * 1000',
  'a subclass of Date': 'new (class extends Date {})().getTime() * 1000',
  'a reflected construction': 'Date.prototype.getTime.call(Reflect.construct(Date, [], Object)) * 1000',
  "a date's constructor": 'new (new Date(0).constructor)().getTime() * 1000',
  'the prototype of Date': 'Date.prototype.constructor.now() * 1000',
  'what a subclass inherits': 'Object.getPrototypeOf(class extends Date {}).now() * 1000',
  'Date as a function': 'Date.parse(Date()) * 1000',
  'a bound Date': 'new (Date.bind(null))().getTime() * 1000',
  'a decoded date': 'new (structuredClone(new Date(0)).constructor)().getTime() * 1000',
  'a formatter': "new Intl.DateTimeFormat('en', { fractionalSecondDigits: 3 }).format() * 1000",
  'a format getter': `Reflect.get(Intl.DateTimeFormat.prototype, 'format',
    new Intl.DateTimeFormat('en', { fractionalSecondDigits: 3 }))(undefined) * 1000`,
  "a formatter's parts":
    "new Intl.DateTimeFormat('en', { fractionalSecondDigits: 3 }).formatToParts().at(-1).value * 1000",
  'performance.now': '(performance.timeOrigin + performance.now()) * 1000',
  'an event': "new Event('e').timeStamp * 1000",
  'a file': "new File([], 'f').lastModified * 1000",
  'Temporal.Now.instant':
    "typeof Temporal === 'undefined' ? 0 : Number(Temporal.Now.instant().epochNanoseconds / 1000n)",
  'Temporal.Now.zonedDateTimeISO': `typeof Temporal === 'undefined' ? 0
    : Number(Temporal.Now.zonedDateTimeISO('UTC').epochNanoseconds / 1000n)`,
  'Temporal.Now.plainTimeISO': "typeof Temporal === 'undefined' ? 0 : parts(Temporal.Now.plainTimeISO())",
  'Temporal.Now.plainDateTimeISO': "typeof Temporal === 'undefined' ? 0 : parts(Temporal.Now.plainDateTimeISO('UTC'))",
}

/** Reads each clock many times, and answers with the readings that are of no whole step. */
const READER = (stepMs: number): string => `
  const parts = (time) => time.millisecond * 1000 + time.microsecond + time.nanosecond / 1000
  const ways = { ${Object.entries(ATTEMPTS)
    .map(([way, read]) => `${JSON.stringify(way)}: () => ${read}`)
    .join(',\n')} }
  const finer = (read) => Array.from({ length: 60 }, read).find((time) => !(time % ${stepMs * 1000} === 0))
  export default () => Object.entries(ways).map(([way, read]) => [way, finer(read)])`

describe.each(CLOCKS)('the clock of %s code in tier "%s" (%s)', (trust, tier, placement, stepMs) => {
  it('has steps as long as they are said to be, whichever way it is read', async () => {
    await using broker = await createBroker({ policy: PATIENT, isolate: { placement } })
    const { outcome } = await broker.run(READER(stepMs), { trust, tier })
    expect(outcome).toEqual({ kind: 'returned', value: Object.keys(ATTEMPTS).map((way) => [way, undefined]) })
  })

  it('tells no finer time by counting timers, and fires none before it is due', async () => {
    await using broker = await createBroker({ policy: PATIENT, isolate: { placement } })
    const { outcome, logs } = await broker.run(
      `export default async () => {
        const start = Date.now()
        let fired = 0
        for (; Date.now() - start < 60; fired += 1) await new Promise((resolve) => setTimeout(resolve, 0))
        const from = Date.now()
        await new Promise((resolve) => setTimeout(resolve, 7))
        console.time('t')
        await new Promise((resolve) => setTimeout(resolve, 1))
        console.timeEnd('t')
        return { fired, elapsed: Date.now() - start, waited: Date.now() - from }
      }`,
      { trust, tier },
    )
    const { fired, elapsed, waited } = (outcome.kind === 'returned' ? outcome.value : {}) as Record<string, number>
    expect(fired).toBeLessThanOrEqual((elapsed ?? 0) / stepMs + 1)
    expect(waited).toBeGreaterThanOrEqual(7)
    expect(logs.map(({ at }) => at % stepMs)).toEqual([0])
    expect(Number(/^t: ([\d.]+)ms$/.exec(logs[0]?.text ?? '')?.[1]) % stepMs).toBe(0)
  })
})

describe('the clock of hostile code', () => {
  it('stands still while the code computes, and goes on when it waits', async () => {
    await using broker = await createBroker({ policy: PATIENT })
    const { outcome } = await broker.run(
      `export default async () => {
        const before = Date.now()
        for (let n = 0, sum = 0; n < 3e6; n += 1) sum += n
        const after = Date.now()
        await new Promise((resolve) => setTimeout(resolve, 25))
        return [after - before, Date.now() - before >= 25]
      }`,
      { trust: 'hostile' },
    )
    expect(outcome).toEqual({ kind: 'returned', value: [0, true] })
  })

  it('does not order timers by how long the code computed between them', async () => {
    await using broker = await createBroker({ policy: PATIENT })
    const { outcome } = await broker.run(
      `export default () => new Promise((resolve) => {
        const order = []
        const done = (name) => { order.push(name); if (order.length === 2) resolve(order) }
        setTimeout(done, 41, 'later')
        for (let n = 0, sum = 0; n < 5e6; n += 1) sum += n
        setTimeout(done, 40, 'sooner')
      })`,
      { trust: 'hostile' },
    )
    expect(outcome).toEqual({ kind: 'returned', value: ['sooner', 'later'] })
  })
})

describe('a realm', () => {
  it.each(CLOCKS)(
    'of %s code in tier "%s" (%s) has no clock but these, and no shared memory',
    async (trust, tier, placement) => {
      await using broker = await createBroker({ policy: PATIENT, isolate: { placement } })
      const names = ['process', 'hrtime', 'SharedArrayBuffer', 'WebAssembly', 'Worker']
      const { outcome } = await broker.run(`${JSON.stringify(names)}.filter((name) => name in globalThis)`, {
        trust,
        tier,
      })
      expect(outcome).toEqual({ kind: 'returned', value: [] })
    },
  )
})
