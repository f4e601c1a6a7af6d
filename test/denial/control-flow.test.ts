import { CONTROL_FLOW } from './attacks/control-flow.ts'
import { describeAttacks } from './describe-attacks.ts'

describeAttacks('Refusal to end', CONTROL_FLOW)
