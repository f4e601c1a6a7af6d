import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RingfenceError } from '../../core/errors.ts'
import { isFromElsewhere } from '../access.ts'
import type { Face } from '../face.ts'
import { addAliases } from './alias-routes.ts'
import { AwsError, conflict, denied, invalid, notFound } from './aws-error.ts'
import { addFunctions } from './function-routes.ts'
import { addInvoking } from './invoke-routes.ts'
import { arnOf, parseName } from './names.ts'
import { checkSignature, readClaim } from './signature.ts'

/** The largest request: a zip in base64, in JSON. */
const BODY_BYTES = 32 * 2 ** 20

/** The part of AWS Lambda's API that makes its clients work with this host. */
export function addLambdaRoutes(server: FastifyInstance, { host, awsKey, isOpen }: Face): void {
  server.register(async (scope) => {
    scope.addHook('onRequest', async ({ headers }) => {
      if (awsKey !== undefined) readClaim(headers, awsKey)
      else if (!isOpen) {
        throw denied('AccessDeniedException', 'This server was given no AWS key to check signatures with')
      } else if (isFromElsewhere(headers)) throw denied('AccessDeniedException', 'A page of another site may not')
    })
    scope.addHook('preHandler', async ({ method, url, headers, body }) => {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
      if (awsKey !== undefined) await checkSignature({ method, url, headers, body: bytes }, awsKey)
    })
    scope.addHook('onRoute', (route) => {
      route.bodyLimit = BODY_BYTES
    })
    scope.setErrorHandler(tellAws)
    addFunctions(scope, host)
    addAliases(scope, host)
    addInvoking(scope, host)
  })
}

function tellAws(error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, type, body } = awsErrorOf(error, request)
  return reply.code(status).header('x-amzn-errortype', type).header('x-amzn-requestid', request.id).send(body)
}

/** What was asked wrongly is told in AWS's words; what went wrong in the host is not. */
function awsErrorOf(error: Error, { params }: FastifyRequest): AwsError {
  if (error instanceof AwsError) return error
  const { name = '' } = Object.fromEntries(Object.entries(params ?? {}).map(([key, value]) => [key, String(value)]))
  if (error instanceof RingfenceError) {
    if (error.code === 'RF_NO_FUNCTION') {
      return notFound(`Function not found: ${arnOf(parseName(name))} (${error.message})`)
    }
    if (error.code === 'RF_CONFLICT') return conflict(error.message)
    if (error.code === 'RF_BAD_DEPLOYMENT') return invalid(error.message)
  }
  if (error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError) {
    return invalid(error.message)
  }
  if ('statusCode' in error && error.statusCode === 413) {
    return new AwsError(413, 'RequestTooLargeException', error.message, { Type: 'User', message: error.message })
  }
  const message = 'The host failed'
  return new AwsError(500, 'ServiceException', message, { Type: 'Service', Message: message })
}
