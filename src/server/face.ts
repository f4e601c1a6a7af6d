import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FunctionHost } from '../functions/function-host.ts'
import type { Principal } from '../functions/roles.ts'
import type { AwsKey } from './lambda/signature.ts'
import type { Metrics } from './metrics.ts'

/** What every route is given. */
export interface Face {
  readonly host: FunctionHost
  readonly metrics: Metrics
  /** Who sends a request, by its token; everybody is an operator where nobody is asked for one. */
  readonly whoSends: (request: FastifyRequest) => Promise<Principal | undefined>
  /** Lets a client take only so long over an answer that is sent past the server's own hooks. */
  readonly hurry: (reply: FastifyReply) => void
  /** What AWS clients sign with. */
  readonly awsKey: AwsKey | undefined
  /** Whether nobody is asked for a token. */
  readonly isOpen: boolean
}
