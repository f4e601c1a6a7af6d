import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Broker, bundle, createBroker, type TierId, type TrustLevel } from '../../src/index.ts'

const FOLDER = new URL('../fixtures/packages/', import.meta.url)
const PROGRAMS = readdirSync(FOLDER).map((file) => file.replace(/\.ts$/, ''))
const TIERS: readonly [tier: TierId, trust: TrustLevel][] = [
  ['vm', 'trusted'],
  ['worker', 'limited'],
  ['isolate', 'untrusted'],
  ['process', 'hostile'],
]

let broker: Broker

beforeAll(async () => {
  // A busy machine may need seconds for what takes a tenth of one.
  const limits = { wallMs: 10_000, cpuMs: 10_000 }
  broker = await createBroker({
    policy: {
      levels: { limited: { limits }, untrusted: { limits }, hostile: { limits, isolation: 'none' } },
    },
  })
})
afterAll(() => broker.close())

/** What the program answers here, without any wall. */
async function answerHere(file: URL): Promise<unknown> {
  const { default: run }: { readonly default: () => unknown } = await import(file.href)
  return run()
}

describe.each(PROGRAMS)('a program that uses %s', (name) => {
  const file = new URL(`${name}.ts`, FOLDER)

  it('answers the same in every tier as in plain Node', async () => {
    // Under a megabyte, which is as much as untrusted code may have.
    const { source, filename, sourceMap } = await bundle(file.pathname, { minify: true })
    const answer = await answerHere(file)
    const receipts = await Promise.all(
      TIERS.map(([tier, trust]) => broker.run(source, { tier, trust, filename, sourceMap })),
    )
    expect(receipts).toMatchObject(TIERS.map(([tier]) => ({ tier, outcome: { kind: 'returned', value: answer } })))
  })
})
