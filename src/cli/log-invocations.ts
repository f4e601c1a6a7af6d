import { OWN_WORDS } from '../functions/answers.ts'
import type { FunctionHost } from '../functions/function-host.ts'
import type { Invocation } from '../functions/words.ts'
import { openLog } from './open-log.ts'

/** Writes a line of JSON for each invocation: whose it was, how it ended and what it took, and nothing that went in or came out. */
export function logInvocations(host: FunctionHost): void {
  const log = openLog('info')
  host.onInvocation((invocation) => log.info(fieldsOf(invocation), 'invocation'))
}

function fieldsOf({ id, function: name, version, tenant, status, detail, durations, execution }: Invocation): object {
  return {
    invocation: id,
    function: name,
    version,
    tenant,
    status,
    ...(detail !== undefined && !OWN_WORDS.has(status) && { detail }),
    ...durations,
    ...(execution !== undefined && { tier: execution.tier, usage: execution.usage }),
  }
}
