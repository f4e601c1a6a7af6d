import { InvalidArgumentError } from 'commander'
import { LIMIT_NAMES, limitProblem } from '../core/limits.ts'
import type { Limits } from '../core/types.ts'

type Units = Readonly<Record<string, number>>

const TIME: Units = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 }
const BYTES: Units = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

/** Reads one `--limit name=value` and adds it to those already read. */
export function parseLimit(text: string, previous: Partial<Limits> = {}): Partial<Limits> {
  return { ...previous, ...readLimit(text, LIMIT_NAMES, limitProblem) }
}

/** Reads the `name=value` of a limit that has one of these names. */
export function readLimit<Name extends string>(
  text: string,
  names: readonly Name[],
  problemOf: (name: Name, value: number) => string | undefined,
): Readonly<Record<string, number>> {
  const [, given, quantity] = /^([^=]*)=(.*)$/s.exec(text) ?? []
  if (given === undefined || quantity === undefined) throw new InvalidArgumentError('Write it as name=value.')
  const name = names.find((one) => one === given)
  if (name === undefined) {
    throw new InvalidArgumentError(`There is no limit "${given}"; there are ${names.join(', ')}.`)
  }
  const value = parseQuantity(name, quantity.trim())
  const problem = problemOf(name, value)
  if (problem !== undefined) throw new InvalidArgumentError(`"${name}" ${problem}.`)
  return { [name]: value }
}

/** Reads a number, with a unit that suits the ending of its name. */
function parseQuantity(name: string, text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? []
  if (digits === undefined) throw new InvalidArgumentError(`"${name}" must be a number, received "${text}".`)
  if (unit === '') return Number(digits)
  const units = unitsOf(name)
  const known = Object.keys(units).find((candidate) => candidate.toLowerCase() === unit.toLowerCase())
  const factor = known === undefined ? undefined : units[known]
  if (factor === undefined) {
    const hint =
      Object.keys(units).length === 0 ? 'it is a plain number' : `write ${Object.keys(units).join(', ')} or none`
    throw new InvalidArgumentError(`"${name}" has no unit "${unit}"; ${hint}.`)
  }
  return Math.round(Number(digits) * factor)
}

function unitsOf(name: string): Units {
  if (name.endsWith('Ms')) return TIME
  return name.endsWith('Bytes') ? BYTES : {}
}
