import { codec } from './codec.ts'
import { kernel } from './kernel.ts'
import { policy } from './policy.ts'
import { program } from './program.ts'
import { protocol } from './protocol.ts'
import type { Target } from './target.ts'

/** Every part that is fuzzed. */
export const TARGETS: readonly Target[] = [codec, protocol, program, policy, kernel]
