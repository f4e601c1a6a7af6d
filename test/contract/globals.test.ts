import { expect, it } from 'vitest'
import { valueOf } from './outcomes.ts'
import { guest, openScene, VARIANTS, type Variant } from './scene.ts'

/** What the language does not have, and a guest has in every tier. */
const ADDED = [
  'clearInterval',
  'clearTimeout',
  'console',
  'queueMicrotask',
  'setInterval',
  'setTimeout',
  'structuredClone',
]

async function globalsOf(variant: Variant): Promise<unknown> {
  await using scene = await openScene(variant)
  return await valueOf(scene, guest('lists-globals'))
}

it('every tier has the same global names', async () => {
  const [first, ...others] = await Promise.all(VARIANTS.map(globalsOf))
  expect(first).toEqual(expect.arrayContaining([...ADDED, 'Object', 'Promise', 'globalThis']))
  for (const other of others) expect(other).toEqual(first)
})
