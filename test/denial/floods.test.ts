import { FLOODS } from './attacks/floods.ts'
import { describeAttacks } from './describe-attacks.ts'

describeAttacks('Floods', FLOODS)
