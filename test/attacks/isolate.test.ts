import { describeCorpus } from './describe-corpus.ts'

describeCorpus('isolate')
