import { InvalidArgumentError } from 'commander'
import { HTTP_LIMITS, type HttpLimits } from '../server/server.ts'
import { parseQuantity } from './parse-limit.ts'

const isName = (name: string): name is keyof HttpLimits => Object.hasOwn(HTTP_LIMITS, name)

/** Reads one `--http-limit name=value` and adds it to those already read. */
export function parseHttpLimit(text: string, previous: Partial<HttpLimits> = {}): Partial<HttpLimits> {
  const [, name, quantity] = /^([^=]*)=(.*)$/s.exec(text) ?? []
  if (name === undefined || quantity === undefined) throw new InvalidArgumentError('Write it as name=value.')
  if (!isName(name)) {
    throw new InvalidArgumentError(`There is no limit "${name}"; there are ${Object.keys(HTTP_LIMITS).join(', ')}.`)
  }
  const value = parseQuantity(name, quantity.trim())
  if (Number.isSafeInteger(value) && value > 0) return { ...previous, [name]: value }
  throw new InvalidArgumentError(`"${name}" must be a whole number above 0.`)
}
