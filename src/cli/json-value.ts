import type { Data } from '../core/types.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A value written in JSON. */
export interface JsonForm {
  readonly json: Json
  /** Whether JSON says all of it: no `$` form was needed. */
  readonly plain: boolean
  /** Whether it was cut short, so that nobody should try to write it out in another way. */
  readonly huge: boolean
}

/** How many values may be written a second time, because an object is met again, before a reference takes their place. */
const REPEAT_BUDGET = 100_000
const MAX_DEPTH = 500

/**
 * Writes any `Data` in JSON. What JSON cannot say becomes an object with one key that starts with `$`: `$undefined`,
 * `$number` (NaN, infinities, -0), `$bigint`, `$date`, `$regexp`, `$map`, `$set`, `$error`, `$bytes` (base64, with its
 * `type`), `$sparse` for a list that is mostly holes, and `$ref` for an object that contains itself, as a JSON pointer. Keys of the guest's own that start with `$`
 * get a second one, so the two cannot be confused. A guest may answer with twenty nested arrays of one shared array each:
 * tiny in memory, endless when written out; beyond a budget such repetitions become `$ref` too.
 */
export function toJson(value: Data): JsonForm {
  return new JsonWriter().write(value)
}

class JsonWriter {
  readonly #first = new Map<object, string>()
  readonly #open = new Set<object>()
  #repeated = 0
  #plain = true
  #huge = false

  write(value: Data): JsonForm {
    const json = this.#any(value, '#', false)
    return { json, plain: this.#plain, huge: this.#huge }
  }

  #any(value: Data, path: string, again: boolean): Json {
    if (again) this.#repeated += typeof value === 'string' ? 1 + value.length : 1
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : this.#special('number', Object.is(value, -0) ? '-0' : `${value}`)
      case 'bigint':
        return this.#special('bigint', `${value}`)
      case 'undefined':
        return this.#special('undefined', true)
      case 'object':
        return value === null ? null : this.#object(value, path, again)
      case 'function':
      case 'symbol':
        return this.#special(typeof value, true)
    }
  }

  #object(value: object, path: string, again: boolean): Json {
    const first = this.#first.get(value)
    if (this.#open.has(value)) return this.#special('ref', first ?? path)
    if (first !== undefined && this.#repeated > REPEAT_BUDGET) {
      this.#huge = true
      return this.#special('ref', first)
    }
    if (this.#open.size >= MAX_DEPTH) {
      this.#huge = true
      return this.#special('tooDeep', true)
    }
    if (first === undefined) this.#first.set(value, path)
    this.#open.add(value)
    const json = this.#parts(value, path, again || first !== undefined)
    this.#open.delete(value)
    return json
  }

  #parts(value: object, path: string, again: boolean): Json {
    const list = (values: Iterable<Data>, at: string): Json[] =>
      Array.from(values, (item, index) => this.#any(item, `${at}/${index}`, again))
    if (Array.isArray(value) && !isSparse(value)) return list(value, path)
    if (value instanceof Map) return this.#special('map', list(value, `${path}/$map`))
    if (value instanceof Set) return this.#special('set', list(value, `${path}/$set`))
    if (value instanceof Date) return this.#special('date', Number.isNaN(value.getTime()) ? null : value.toISOString())
    if (value instanceof RegExp) return this.#special('regexp', String(value))
    if (value instanceof Error) {
      const { name, message }: { readonly name: Data; readonly message: Data } = value
      const part = (item: Data, key: string): Json => this.#any(item, `${path}/$error/${key}`, again)
      return this.#special('error', { name: part(name, 'name'), message: part(message, 'message') })
    }
    if (value instanceof ArrayBuffer) return this.#bytes('ArrayBuffer', new Uint8Array(value))
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      return this.#bytes(Object.prototype.toString.call(value).slice(8, -1), bytes)
    }
    const entries = Object.entries(value).map(([key, item]: [string, Data]): [string, Json] => [
      key.startsWith('$') ? this.#escaped(key) : key,
      this.#any(item, `${path}/${pointer(key)}`, again),
    ])
    if (!Array.isArray(value)) return Object.fromEntries(entries)
    return this.#special('sparse', { length: value.length, items: Object.fromEntries(entries) })
  }

  #escaped(key: string): string {
    this.#plain = false
    return `$${key}`
  }

  #bytes(type: string, bytes: Uint8Array): Json {
    this.#plain = false
    return { $bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'), type }
  }

  #special(type: string, value: Json): Json {
    this.#plain = false
    return { [`$${type}`]: value }
  }
}

/** ATTACK: `Object.assign([], { length: 2 ** 32 - 1 })`: nothing in memory, four thousand million holes when walked. */
function isSparse(list: readonly Data[]): boolean {
  return list.length > 1000 && Object.keys(list).length < list.length / 2
}

function pointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
