import { isLimitName, limitProblem, lowerLimits } from '../core/limits.ts'
import { proceed, type Rule, refuse } from './draft.ts'

/** A caller may ask for lower limits. A higher one is refused, not clamped: who asks for more would not notice less. */
export const limitsRule: Rule = {
  name: 'limits',
  apply(draft) {
    const { trust, limits: requested } = draft.facts
    if (requested === undefined) return proceed(draft)
    const lowered: string[] = []
    for (const [name, value] of Object.entries(requested)) {
      if (value === undefined) continue
      if (!isLimitName(name)) return refuse(`There is no limit "${name}"`)
      const problem = limitProblem(name, value)
      if (problem !== undefined) return refuse(`Limit "${name}" ${problem}`)
      const ceiling = draft.level.limits[name]
      if (value > ceiling) {
        return refuse(`Limit "${name}" is at most ${ceiling} for ${trust} code, and the caller asked for ${value}`)
      }
      if (value < ceiling) lowered.push(`"${name}" from ${ceiling} to ${value}`)
    }
    if (lowered.length === 0) return proceed(draft)
    return proceed(
      { ...draft, limits: lowerLimits(draft.limits, requested) },
      `The caller lowered ${lowered.join(', ')}`,
    )
  },
}

/** The ceiling on source text, applied before anything parses it. */
export const sourceRule: Rule = {
  name: 'source',
  apply(draft) {
    const { sourceBytes } = draft.facts
    const ceiling = draft.limits.sourceBytes
    if (sourceBytes <= ceiling) return proceed(draft)
    return refuse(`The source has ${sourceBytes} bytes, and limit "sourceBytes" is ${ceiling}`)
  },
}

/** The ceiling on the encoded input, applied before it crosses a wall. */
export const inputRule: Rule = {
  name: 'input',
  apply(draft) {
    const { inputBytes } = draft.facts
    const ceiling = draft.limits.inputBytes
    if (inputBytes <= ceiling) return proceed(draft)
    return refuse(`The input has ${inputBytes} bytes, and limit "inputBytes" is ${ceiling}`)
  },
}
