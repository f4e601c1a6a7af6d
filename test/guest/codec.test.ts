import { isDeepStrictEqual } from 'node:util'
import { runInThisContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { decode, encode } from '../../src/core/codec.ts'
import { cloneableSources } from './codec-values.ts'
import { realmKinds } from './realms.ts'

describe.each(realmKinds)('the codec in a $kind', ({ open }) => {
  const realm = open()
  const sources = cloneableSources

  test.each(sources)('sends out what structured clone would give: %s', (source) => {
    const text = realm.run(`guest.encodeData((${source}), 1e6)`)
    const here: unknown = runInThisContext(`(${source})`)
    expect(isDeepStrictEqual(decode(text), structuredClone(here))).toBe(true)
  })

  test.each(sources)('gives back what came in: %s', (source) => {
    const text = encode(runInThisContext(`(${source})`))
    const back = realm.run(`guest.encodeData(guest.decodeData(${JSON.stringify(text)}), 1e6)`)
    expect(isDeepStrictEqual(decode(back), decode(text))).toBe(true)
  })

  test("makes objects of the guest's realm, with no way to another", () => {
    const text = encode({
      m: new Map([[1, new Date()]]),
      e: new TypeError('x'),
      b: new Uint8Array(2),
      r: [/x/, Object(1)],
    })
    const probe = `(() => {
      const value = guest.decodeData(${JSON.stringify(text)})
      const all = [value, value.m, value.m.get(1), value.e, value.b, value.b.buffer, value.r, ...value.r]
      const kinds = [Object, Map, Date, TypeError, Uint8Array, ArrayBuffer, Array, RegExp, Number]
      return all.map((item, index) => item.constructor === kinds[index]).join()
    })()`
    expect(realm.run(probe)).toBe(Array.from({ length: 9 }, () => 'true').join())
  })

  test('calls each getter of a tree once', () => {
    const text = realm.run(`(() => {
      let calls = 0
      return guest.encodeData({ get a() { return calls++ } }, 1000)
    })()`)
    expect(decode(text)).toEqual({ a: 0 })
  })

  test('does not read a property twice, nor ask toJSON', () => {
    const text = realm.run(`(() => {
      let reads = 0
      const value = { get a() { return reads++ === 0 ? 1 : 'x'.repeat(1e6) }, b: [1] }
      Object.defineProperty(value, 'toJSON', { value: () => 'stolen' })
      Object.defineProperty(value.b, 'toJSON', { value: () => 'stolen' })
      return guest.encodeData(value, 1000)
    })()`)
    expect(decode(text)).toEqual({ a: 1, b: [1] })
  })

  test('tells too large from not cloneable, and neither from an error of the guest that says so', () => {
    const probe = `(() => {
      const caught = (act) => { try { act() } catch (error) { return error } }
      const large = caught(() => guest.encodeData('x'.repeat(100), 10))
      const refused = caught(() => guest.encodeData(() => 1, 10))
      const forged = Object.assign(new RangeError('x'), { name: 'OutputTooLarge' })
      Object.setPrototypeOf(forged, Object.getPrototypeOf(large))
      return [large, refused, forged].map((e) => [guest.isTooLarge(e), guest.isDataCloneError(e)].join()).join(' ')
    })()`
    expect(realm.run(probe)).toBe('true,false false,true false,false')
  })

  test("keeps the stack of the guest's own errors", () => {
    const copy = decode(realm.run(`guest.encodeData(new TypeError('mine'), 1e5)`)) as Error
    expect(copy.stack).toMatch(/^TypeError: mine\n {4}at guest:program:1:\d+$/)
  })

  test('has a base64 of its own that agrees with the engine', () => {
    const probe = `(() => {
      for (let length = 0; length < 300; length++) {
        const bytes = new Uint8Array(length).map((_, index) => index * 7 + length)
        const text = guest.encodeBase64Slowly(bytes)
        if (bytes.toBase64 !== undefined && bytes.toBase64() !== text) return 'differs: ' + text
        if (guest.decodeBase64Slowly(text).join() !== bytes.join()) return 'does not come back: ' + text
      }
      return 'agrees'
    })()`
    expect(realm.run(probe)).toBe('agrees')
  })

  test('refuses bad base64 in its own decoder too', () => {
    const probe = `['A', 'AAA', 'AA*A', 'AA=A', '====', 'AAAé'].filter((text) => {
      try { guest.decodeBase64Slowly(text); return true } catch (error) { return !(error instanceof SyntaxError) }
    }).join()`
    expect(realm.run(probe)).toBe('')
  })
})
