import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createSocketServer, type Server } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach } from 'vitest'

/** What the server was asked. */
export interface Asked {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A server on the loopback, for guests that were allowed it. */
export interface FetchServer extends AsyncDisposable {
  readonly port: number
  readonly asked: Asked[]
  /** How many connections are open. */
  readonly open: () => Promise<number>
}

const read = async (request: IncomingMessage): Promise<string> => {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

type Answers = Readonly<Record<string, (response: ServerResponse, query: URLSearchParams, asked: Asked) => void>>

const ANSWERS: Answers = {
  '/echo': (response, _query, asked) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('set-cookie', ['a=1', 'b=2'])
    response.end(JSON.stringify(asked))
  },
  '/redirect': (response, query) => {
    response.writeHead(Number(query.get('status') ?? 302), { location: query.get('to') ?? '/echo' }).end('moved')
  },
  '/bytes': (response, query) => {
    response.end(Buffer.alloc(Number(query.get('count')), 97))
  },
  '/endless': (response) => {
    const writing = setInterval(() => response.write(Buffer.alloc(65_536)), 1)
    response.once('close', () => clearInterval(writing))
  },
  '/bomb': (response, query) => {
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync(Buffer.alloc(Number(query.get('count')))))
  },
  '/strange-encoding': (response) => {
    response.setHeader('content-encoding', 'rot13')
    response.end('n')
  },
  '/truncated': (response) => {
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync('truncated').subarray(0, 12))
  },
  '/slow': (response) => {
    response.write('a')
  },
  '/silent': () => {},
  '/parts': (response, query) => {
    response.flushHeaders()
    let left = Number(query.get('count'))
    const writing = setInterval(() => {
      left -= 1
      response.write(`part ${left}\n`)
      if (left === 0) response.end()
    }, 20)
    response.once('close', () => clearInterval(writing))
  },
  '/cut-off': (response) => {
    response.write('a')
    setTimeout(() => response.destroy(), 50)
  },
  '/dribble': (response, query) => {
    // One chunk for each byte, all of which are there at once.
    response.flushHeaders()
    const count = Number(query.get('count'))
    response.socket?.end(`${'1\r\na\r\n'.repeat(count)}0\r\n\r\n`)
  },
  '/empty': (response) => {
    response.writeHead(204).end()
  },
  '/many-headers': (response) => {
    for (let index = 0; index < 200; index += 1) response.setHeader(`x-${index}`, 'a'.repeat(200))
    response.end()
  },
}

const serveFetches = async (): Promise<FetchServer> => {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const { method, url = '/', headers } = request
      const { pathname, searchParams } = new URL(url, 'http://here/')
      const one = { method, url, headers, body }
      asked.push(one)
      const answer = ANSWERS[pathname]
      if (answer === undefined) response.writeHead(404).end('nothing')
      else answer(response, searchParams, one)
    })
  })
  const port = await listen(server)
  const open = (): Promise<number> => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))
  return {
    port,
    asked,
    open,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port)
    })
  })

/** One server for all tests of a file; what it was asked is forgotten before each. */
export const shareFetches = (): Pick<FetchServer, 'port' | 'asked' | 'open'> => {
  let server: FetchServer | undefined
  const shared = (): FetchServer => {
    if (server === undefined) throw new Error('The server is not there')
    return server
  }
  beforeAll(async () => {
    server = await serveFetches()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  beforeEach(() => {
    shared().asked.length = 0
  })
  return {
    get port() {
      return shared().port
    },
    get asked() {
      return shared().asked
    },
    open: () => shared().open(),
  }
}

/** A server that writes these bytes to whoever connects, whatever they say. */
export const serveBytes = async (bytes: string): Promise<AsyncDisposable & { readonly port: number }> => {
  const server = createSocketServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(bytes, 'latin1'))
  })
  const port = await listen(server)
  return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) }
}
