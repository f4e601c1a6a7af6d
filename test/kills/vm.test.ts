import { describeEarly } from './describe-early.ts'
import { describeKills } from './describe-kills.ts'
import { describeWarm } from './describe-warm.ts'

describeKills('vm')
describeEarly('vm')
describeWarm('vm')
