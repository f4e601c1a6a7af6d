import { describe, expect, it } from 'vitest'
import { prepare } from '../../src/program/prepare.ts'
import { ready } from './bare-realm.ts'

describe('a program prepared before', () => {
  it('is the same object', () => {
    const options = { modules: { a: 'export default 1' }, hostModules: ['host'] }
    const source = `import a from 'a'; export default a // cached`
    expect(prepare(source, { ...options })).toBe(prepare(source, structuredClone(options)))
  })

  it('is the same when it was refused or invalid', () => {
    expect(prepare(`import 'fs' // cached`)).toBe(prepare(`import 'fs' // cached`))
    expect(prepare('let x = ; // cached')).toBe(prepare('let x = ; // cached'))
  })

  it.each([
    [{ filename: 'other.ts' }],
    [{ kind: 'module' as const }],
    [{ modules: { a: '' } }],
    [{ modules: { a: ' ' } }],
    [{ hostModules: ['a'] }],
  ])('is another one with %j', (options) => {
    expect(prepare('1', options)).not.toBe(prepare('1'))
  })

  it('does not mix up what is source and what is options', () => {
    expect(ready('1', { filename: 'a' }).hash).not.toBe(ready('1', { filename: 'b' }).hash)
    expect(ready('1').hash).toMatch(/^[0-9a-f]{64}$/)
    expect(ready('1 // a').hash).toBe(ready('1 // b').hash)
  })

  it('is forgotten once there were many others', () => {
    const first = prepare('"first"')
    for (let n = 0; n < 300; n += 1) prepare(`"other ${n}"`)
    expect(prepare('"first"')).not.toBe(first)
  })

  it('stays while it is used', () => {
    const first = prepare('"used"')
    for (let n = 0; n < 300; n += 1) {
      prepare(`"another ${n}"`)
      expect(prepare('"used"')).toBe(first)
    }
  })
})
