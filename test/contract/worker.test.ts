import { describeContract } from './describe-contract.ts'

describeContract('worker')
