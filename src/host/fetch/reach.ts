import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { isListed, isPublic } from './addresses.ts'
import type { FetchGrant } from './grant.ts'
import { Refused } from './question.ts'

/** Finds the addresses of a name. */
export type Resolve = (name: string) => Promise<readonly string[]>

/** Asks whatever this machine asks for its own connections. */
export const systemResolve: Resolve = async (name) => {
  const found = await lookup(name, { all: true, order: 'verbatim' })
  return found.map(({ address }) => address)
}

/** One sentence for all of it, so that a guest learns nothing of which names and addresses there are inside. */
export const unreachable = (): Refused => new Refused('the host cannot be reached')

const bare = (hostname: string): string => (hostname.startsWith('[') ? hostname.slice(1, -1) : hostname)

/**
 * The addresses of a URL's host that may be connected to. Throws where there is none.
 *
 * ATTACK: a name of the attacker's, which is `198.51.100.7` when it is checked and `127.0.0.1` when it is connected to. So a
 * name is looked up once, and the connection is made to what was found and checked then.
 */
export const addressesOf = async (
  { hostname }: URL,
  { privateAddresses }: FetchGrant,
  resolve: Resolve,
): Promise<readonly string[]> => {
  const name = bare(hostname)
  const found = isIP(name) === 0 ? await resolve(name) : [name]
  const allowed = found.filter((address) => isPublic(address) || isListed(privateAddresses, address))
  if (allowed.length === 0) throw unreachable()
  return allowed
}

/** A look-up that knows these answers alone, whatever it is asked. */
export const pinnedTo = (addresses: readonly string[]): LookupFunction => {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_name, { all }, done) => {
    const [first = { address: '', family: 0 }] = entries
    if (all === true) done(null, entries)
    else done(null, first.address, first.family)
  }
}
