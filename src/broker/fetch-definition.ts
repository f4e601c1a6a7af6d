import { FETCH_FUNCTION } from '../core/fetch-function.ts'
import { Fetcher } from '../host/fetch/fetch.ts'
import { parseFetch } from '../host/fetch/grant.ts'
import type { HostFunctionDefinition } from './host-functions.ts'

/** The host function behind the guest's `fetch`, of what a caller says that may be fetched. */
export const fetchDefinition = (value: unknown, attempt: string): HostFunctionDefinition => {
  const fetcher = new Fetcher(parseFetch(value, attempt))
  return {
    name: FETCH_FUNCTION,
    sync: false,
    call: ([question], { signal, audit }) =>
      fetcher.take(question, signal, (asked) => audit({ kind: 'fetch', ...asked })),
  }
}
