import { writeFileSync } from 'node:fs'

/** The highest there is: who has it is taken before all who have not. */
const FIRST = '1000'

/**
 * Has the kernel end this process rather than its host when memory runs out. It ends the largest otherwise, which may be the
 * host. Everybody may raise the score of a process of their own; lowering it again takes a right that no child has.
 */
export const offerToOomKiller = (pid: number): void => {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, FIRST)
  } catch {
    // Not Linux, gone already, or under a user that is not ours to decide for: then the kernel goes by size.
  }
}
