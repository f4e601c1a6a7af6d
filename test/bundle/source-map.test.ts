import { describe, expect, it } from 'vitest'
import { createBroker } from '../../src/index.ts'

describe('a source map', () => {
  it.each([
    [7, '"sourceMap" must be a string, received 7'],
    ['{', '"sourceMap" must be a source map: it is not JSON'],
    ['[]', '"sourceMap" must be a source map: its version is undefined, not 3'],
    ['null', '"sourceMap" must be a source map: it is not an object'],
    ['{"version":2}', '"sourceMap" must be a source map: its version is 2, not 3'],
    ['{"version":3}', '"sourceMap" must be a source map: it has no mappings'],
    ['{"version":3,"mappings":"","sources":[7]}', '"sourceMap" must be a source map: it has no list of sources'],
    [
      '{"version":3,"mappings":"","sources":[],"sourcesContent":7}',
      '"sourceMap" must be a source map: its "sourcesContent" is no list of texts',
    ],
  ])('that is %j is turned away', async (sourceMap, message) => {
    await using broker = await createBroker()
    // @ts-expect-error one of them is no string
    await expect(broker.run('1', { sourceMap })).rejects.toThrow(new TypeError(`Cannot run program: ${message}`))
  })

  it.each(['!!!', 'AAAA;AACAAAAAAAAAA', 'A'.repeat(100_000)])(
    'whose mappings are nonsense changes no ending',
    async (mappings) => {
      const sourceMap = JSON.stringify({ version: 3, sources: ['a.ts', null], sourcesContent: [null], mappings })
      await using broker = await createBroker()
      const { outcome } = await broker.run('throw new Error("mine")', { sourceMap })
      expect(outcome).toMatchObject({ kind: 'threw', error: { message: 'mine' } })
    },
  )
})
