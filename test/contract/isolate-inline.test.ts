import { describeContract } from './describe-contract.ts'

describeContract('isolate-inline')
