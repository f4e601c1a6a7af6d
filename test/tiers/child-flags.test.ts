import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createBroker, type TierId } from '../../src/index.ts'
import { eventually } from '../leaks/held.ts'

// See docs/discoveries/an-isolate-that-goes-under-a-lock.md.
it.each<TierId>(['isolate', 'process'])('children of the tier %s collect no WebAssembly code', async (tier) => {
  await using broker = await createBroker()
  expect((await broker.run('1', { trust: 'trusted', tier })).outcome.kind).toBe('returned')
  const pids = (): readonly number[] =>
    broker
      .stats()
      .tiers.flatMap(({ carriers }) => carriers.flatMap(({ pid }) => (pid === process.pid ? [] : (pid ?? []))))
  expect(await eventually(() => pids().length > 0, 10_000)).toBe(true)
  const flags = pids().map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0'))
  expect(flags.every((given) => given.includes('--no-wasm-code-gc'))).toBe(true)
})
