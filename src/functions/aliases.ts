import type { Alias, FunctionRecord } from './words.ts'

/** Aliases with one of them pointed elsewhere; it remembers where it pointed before. */
export function pointed(
  record: FunctionRecord,
  name: string,
  version: number,
  weights?: Alias['weights'],
): FunctionRecord['aliases'] {
  const before = record.aliases[name]
  const previous = before === undefined || before.version === version ? before?.previous : before.version
  const alias: Alias = {
    version,
    ...(previous !== undefined && { previous }),
    ...(weights !== undefined && { weights }),
  }
  return { ...record.aliases, [name]: alias }
}

/** The version that a qualifier names. An alias with weights chooses by `chance`, from 0 to below 1. */
export function numberOf({ aliases }: FunctionRecord, qualifier: string, chance: number): number | undefined {
  if (/^[1-9]\d{0,8}$/.test(qualifier)) return Number(qualifier)
  if (!Object.hasOwn(aliases, qualifier)) return undefined
  const alias = aliases[qualifier]
  let from = 0
  for (const [version, weight] of Object.entries(alias?.weights ?? {})) {
    from += weight
    if (chance < from) return Number(version)
  }
  return alias?.version
}

/** Every version that calls may reach by an alias. */
export const versionsIn = (aliases: FunctionRecord['aliases']): readonly number[] =>
  Object.values(aliases).flatMap(({ version, weights = {} }) => [version, ...Object.keys(weights).map(Number)])

/** Throws `RangeError` when the weights of an alias are none. */
export function checkWeights(weights: Alias['weights'], version: number, attempt: string): void {
  let sum = 0
  for (const [other, weight] of Object.entries(weights ?? {})) {
    if (!(weight > 0 && weight < 1)) {
      throw new RangeError(`${attempt}: a weight is above 0 and below 1, received ${weight}`)
    }
    if (Number(other) === version) throw new RangeError(`${attempt}: version ${version} has the rest, and no weight`)
    sum += weight
  }
  if (sum > 1) throw new RangeError(`${attempt}: weights must not be more than 1 together, received ${sum}`)
}
