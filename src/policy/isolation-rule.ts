import { isIsolatedAtLeast } from '../core/isolation.ts'
import { DEFAULT_POLICY } from './default-policy.ts'
import { proceed, type Rule } from './draft.ts'

/** What the operating system must add. Whether it does is observed when a sandbox is opened, and refused there. */
export const isolationRule: Rule = {
  name: 'isolation',
  apply(draft) {
    const { trust } = draft.facts
    const needed = draft.level.isolation
    const usual = DEFAULT_POLICY.levels[trust].isolation
    if (!isIsolatedAtLeast(needed, usual)) {
      return proceed(draft, `The operator accepts isolation "${needed}" for ${trust} code instead of "${usual}"`)
    }
    if (needed === 'none') return proceed(draft)
    return proceed(draft, `The operating system must add isolation "${needed}" or better`)
  },
}
