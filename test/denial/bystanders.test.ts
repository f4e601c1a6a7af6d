import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Broker, createBroker, type Execution } from '../../src/index.ts'
import { endOf } from './expect-end.ts'

const GUEST = { trust: 'trusted', tier: 'isolate' } as const
/** Nothing ends it before it is done, but the end of its process. */
const STUCK = 'export default () => Array.prototype.reverse.call({ length: 2 ** 53 - 1 })'
/** Longer than its neighbour has, and than its neighbour's host is waited for. */
const WAITING = 'await new Promise((resolve) => setTimeout(resolve, 1000));'

let broker: Broker
beforeAll(async () => {
  broker = await createBroker({ isolate: { hosts: 1 } })
})
afterAll(() => broker.close())

/** What becomes of a program in the same host as one that is stuck. */
async function besideStuck(source: string, functions = {}): Promise<Execution> {
  const beside = broker.run(source, { ...GUEST, functions, limits: { wallMs: 5000 } })
  const stuck = await broker.run(STUCK, { ...GUEST, limits: { wallMs: 200 } })
  expect(endOf(stuck.outcome)).toBe('wallMs')
  return beside
}

it('who shares a host with a stuck guest runs once more elsewhere, having had no effect', async () => {
  const { outcome } = await besideStuck(`export default async () => { ${WAITING} return 42 }`)
  expect(outcome).toEqual({ kind: 'returned', value: 42 })
})

it('who called the host is not run twice', async () => {
  let calls = 0
  const count = (): void => {
    calls += 1
  }
  const source = `import { count } from 'host'; export default async () => { count(); ${WAITING} return 42 }`
  const { outcome } = await besideStuck(source, { count })
  expect(outcome).toMatchObject({ kind: 'crashed' })
  expect(calls).toBe(1)
})

it('who logged is not run twice', async () => {
  const { outcome, logs } = await besideStuck(`export default async () => { console.log('once'); ${WAITING} }`)
  expect(outcome).toMatchObject({ kind: 'crashed' })
  expect(logs).toMatchObject([{ text: 'once' }])
})
