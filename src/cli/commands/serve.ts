import { createFunctionHost } from '../../function-host.ts'
import { serveFunctions } from '../../server/serve.ts'
import type { ServeCommandOptions } from '../function-commands.ts'
import { loadPolicy } from '../load-program.ts'
import { logInvocations } from '../log-invocations.ts'
import type { Terminal } from '../terminal.ts'
import { UsageError } from '../usage-error.ts'

/** How long answers under way may still take once the server is told to end. */
const PATIENCE_MS = 10_000

/** Serves functions until interrupted: the first signal lets answers under way finish, the second one does not. */
export async function serve(options: ServeCommandOptions, terminal: Terminal): Promise<number> {
  const { stderr } = terminal
  const { data, secretKey, policy, port, address, token, awsKey, httpLimit, log, tenantRate } = options
  const brokerOptions = await loadPolicy(policy, terminal)
  await using host = await createFunctionHost({
    data,
    brokerOptions,
    ratePerTenant: tenantRate,
    ...(secretKey !== undefined && { secretKey }),
  })
  if (log === true) logInvocations(host)
  const serving = await listen(() => serveFunctions(host, { ...httpLimit, port, address, token, awsKey }))
  stderr.write(`ringfence: serving ${serving.url}, functions in ${data}\n`)
  if (token === undefined) stderr.write('ringfence: nobody is asked for a token; only this machine can reach it\n')
  await interrupted()
  stderr.write('ringfence: finishing what runs\n')
  await Promise.race([serving.close(PATIENCE_MS), interrupted().then(() => serving.close(0))])
  return 0
}

/** Resolves with the next SIGINT or SIGTERM. */
export const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  })

/** Has a server listen; what is wrong with where is told as a usage error. */
export async function listen<Value>(start: () => Promise<Value>): Promise<Value> {
  try {
    return await start()
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error })
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) {
      throw new UsageError(`Cannot listen: ${error.message}`, { cause: error })
    }
    throw error
  }
}
