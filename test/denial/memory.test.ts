import { MEMORY } from './attacks/memory.ts'
import { describeAttacks } from './describe-attacks.ts'

describeAttacks('Hunger for memory', MEMORY)
