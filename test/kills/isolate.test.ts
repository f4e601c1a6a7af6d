import { describeEarly } from './describe-early.ts'
import { describeHostCalls } from './describe-host-calls.ts'
import { describeKills } from './describe-kills.ts'
import { describeWarm } from './describe-warm.ts'

describeKills('isolate')
describeEarly('isolate')
describeHostCalls('isolate')
describeWarm('isolate')
