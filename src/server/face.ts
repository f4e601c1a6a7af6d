import type { FastifyRequest } from 'fastify'
import type { FunctionHost } from '../functions/function-host.ts'
import type { AwsKey } from './lambda/signature.ts'
import type { Metrics } from './metrics.ts'

/** What every route is given. */
export interface Face {
  readonly host: FunctionHost
  readonly metrics: Metrics
  readonly isAllowed: (request: FastifyRequest) => boolean
  /** What AWS clients sign with. */
  readonly awsKey: AwsKey | undefined
  /** Whether nobody is asked for a token. */
  readonly isOpen: boolean
}
