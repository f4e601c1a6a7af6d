import { BlockList, isIP } from 'node:net'
import type { FunctionHost } from '../functions/function-host.ts'
import { createServer, type ServerOptions } from './server.ts'

/** Where a server listens. */
export interface ServeOptions extends ServerOptions {
  /** 0 stands for any free one. */
  readonly port: number
  readonly address: string
}

/** A server that listens. */
export interface Serving extends AsyncDisposable {
  readonly url: string
  /** Takes nobody new, waits for the answers under way for so long, and then ends what is left. */
  close(patienceMs: number): Promise<void>
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

const isLoopback = (address: string): boolean =>
  address === 'localhost' || (isIP(address) !== 0 && LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'))

/**
 * Serves functions over HTTP. Throws `RangeError` when others than this machine could reach it and nobody would be asked for a
 * token. The host stays its maker's.
 */
export async function serveFunctions(host: FunctionHost, options: ServeOptions): Promise<Serving> {
  const { port, address, token } = options
  if (token === undefined && !isLoopback(address)) {
    throw new RangeError(`Cannot listen on ${address}: without a token only this machine may reach it, as on 127.0.0.1`)
  }
  if (token === '') throw new RangeError('Cannot serve functions: the token must not be empty')
  const server = createServer(host, options)
  const url = await server.listen({ port, host: address })
  const close = async (patienceMs: number): Promise<void> => {
    const timer = setTimeout(() => server.server.closeAllConnections(), patienceMs)
    try {
      await server.close()
    } finally {
      clearTimeout(timer)
    }
  }
  return { url, close, [Symbol.asyncDispose]: () => close(0) }
}
