import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { valueOf } from '../contract/outcomes.ts'
import { openScene, VARIANTS } from '../contract/scene.ts'
import { bareIntrinsics, DESCRIBE } from './bare-intrinsics.ts'
import { INTENDED } from './intended.ts'

const bare = bareIntrinsics()
const isIntended = (line: string): boolean => INTENDED.some(({ at }) => at.some((start) => line.startsWith(start)))

async function intrinsicsIn(variant: (typeof VARIANTS)[number]): Promise<readonly unknown[]> {
  await using scene = await openScene(variant)
  const lines = await valueOf(scene, DESCRIBE, { input: bare.names, limits: { wallMs: 10_000, cpuMs: 10_000 } })
  return Array.isArray(lines) ? lines : []
}

describe('the intrinsics of a bare realm', () => {
  it('are told whole: globals, what they lead to, and what only syntax leads to', () => {
    expect(bare.lines.length).toBeGreaterThan(5000)
    expect(bare.lines).toContain('globalThis.Array.prototype.at.length: --c number 1')
    expect(bare.lines).toContain(
      '%GeneratorFunction%.prototype.Symbol(Symbol.toStringTag): --c string GeneratorFunction',
    )
  })
})

describe.each(VARIANTS)('the intrinsics in %s', (variant) => {
  it('are those of a bare realm, with their attributes, lengths, names and prototypes, but for what is intended', async () => {
    const lines = await intrinsicsIn(variant)
    const differing = [
      ...bare.lines.filter((line) => !lines.includes(line)).map((line) => `- ${line}`),
      ...lines
        .map(String)
        .filter((line) => !bare.lines.includes(line))
        .map((line) => `+ ${line}`),
    ]
    expect(differing.filter((line) => !isIntended(line.slice(2)))).toEqual([])
    const unused = INTENDED.filter(({ at }) => !differing.some((line) => at.some((start) => line.startsWith(start, 2))))
    expect(unused).toEqual([])
  })
})

describe('docs/conformance.md', () => {
  it('lists every intended difference with its reason', () => {
    const docs = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8')
    for (const { reason } of INTENDED) expect(docs).toContain(reason)
  })
})
