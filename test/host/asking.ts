import { Fetcher } from '../../src/host/fetch/fetch.ts'
import { type FetchGrant, type FetchOptions, parseFetch } from '../../src/host/fetch/grant.ts'
import type { FetchServer } from './fetch-server.ts'

export const UNREACHABLE = 'fetch failed: the host cannot be reached'
export const MALFORMED = 'fetch failed: the request cannot be understood'

/** What a guest's `fetch` sends for this URL. */
export const question = (url: string, more: object = {}): object => ({
  url,
  method: 'GET',
  headers: [],
  body: null,
  redirect: 'follow',
  ...more,
})

/** A grant of this server, by its address and by a name. */
export const grant = ({ port }: Pick<FetchServer, 'port'>, options: Partial<FetchOptions> = {}): FetchGrant => {
  const hosts = [`127.0.0.1:${port}`, `inside.example:${port}`]
  return parseFetch({ hosts, privateAddresses: ['127.0.0.1'], ...options }, 'Cannot run')
}

/** What became of a question where every name has these addresses: the answer, or the message of the error. */
export const ask = async (
  given: unknown,
  granted: FetchGrant,
  addresses: readonly string[] = ['127.0.0.1'],
): Promise<Awaited<ReturnType<Fetcher['fetch']>> | string> => {
  const fetcher = new Fetcher(granted, () => Promise.resolve(addresses))
  try {
    return await fetcher.fetch(given, new AbortController().signal)
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'TypeError') throw error
    return error.message
  }
}

/** What a file of tests asks its server with: the URL of a path, and a question within a grant. */
export const asksOf = (
  server: Pick<FetchServer, 'port'>,
): {
  here: (path: string) => string
  ask: (given: unknown, options?: Partial<FetchOptions>, addresses?: readonly string[]) => ReturnType<typeof ask>
} => ({
  here: (path) => `http://127.0.0.1:${server.port}${path}`,
  ask: (given, options, addresses) => ask(given, grant(server, options), addresses),
})
