import { ENGINE } from './attacks/engine.ts'
import { describeAttacks } from './describe-attacks.ts'

describeAttacks('Abuse of the engine', ENGINE)
