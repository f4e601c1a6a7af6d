import { proceed, type Rule } from './draft.ts'

/** Says where a level makes no code from strings: what a program does then differs from what it does elsewhere. */
export const codeRule: Rule = {
  name: 'code-from-strings',
  apply(draft) {
    if (draft.level.codeFromStrings === 'allow') return proceed(draft)
    return proceed(draft, `The policy lets ${draft.facts.trust} code make no code from strings`)
  },
}
