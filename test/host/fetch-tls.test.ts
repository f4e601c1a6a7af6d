import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseFetch } from '../../src/host/fetch/grant.ts'
import { ask, question, UNREACHABLE } from './asking.ts'

/** Made for this test, signed by itself and trusted by nobody else; it is for `inside.example` until 2120. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0CkRMPeDgG4W5oTy
9v36977H5Kvds0M/FH0GH2kyEJ+hRANCAAQzvMrThe5jXoM+SAGkpofOqX97S2Zv
GxDKVQKo06nXrg3OYCJyKiBhMc5ofifhNHLp+f/h9mZ1oXNRid+qXQLu
-----END PRIVATE KEY-----`
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBcDCCARagAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5pbnNpZGUu
ZXhhbXBsZTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGTEXMBUG
A1UEAwwOaW5zaWRlLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQz
vMrThe5jXoM+SAGkpofOqX97S2ZvGxDKVQKo06nXrg3OYCJyKiBhMc5ofifhNHLp
+f/h9mZ1oXNRid+qXQLuo00wSzAZBgNVHREEEjAQgg5pbnNpZGUuZXhhbXBsZTAP
BgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBSszPFPali9ozXyPacCgj1WjocBbDAK
BggqhkjOPQQDAgNIADBFAiBiq1Y7YaHNiJDhoiLeeuNht6uen6eHvamVu2aj+Lhq
+QIhAOcZPkikIUtbhE1/JN1Nh4faNghvAKkJjH6BK/PwXk3v
-----END CERTIFICATE-----`

let server: Server
let port: number
beforeAll(async () => {
  server = createServer({ key: KEY, cert: CERTIFICATE }, (_request, response) => response.end('sealed'))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const fetched = (name: string) => {
  const hosts = [`inside.example:${port}`, `other.example:${port}`, `127.0.0.1:${port}`]
  return ask(question(`https://${name}:${port}/`), parseFetch({ hosts, privateAddresses: ['127.0.0.1'] }, 'Cannot run'))
}

describe('a fetch by https', () => {
  it('trusts no certificate that this machine does not trust', async () => {
    expect(await fetched('inside.example')).toBe(UNREACHABLE)
  })

  it('asks for the name that the guest asked for, whatever address that has, and takes no other for it', async () => {
    const natural = getCACertificates('default')
    setDefaultCACertificates([...natural, CERTIFICATE])
    try {
      const answer = await fetched('inside.example')
      expect(typeof answer === 'string' ? answer : new TextDecoder().decode(answer.body)).toBe('sealed')
      expect(await fetched('other.example')).toBe(UNREACHABLE)
      expect(await fetched('127.0.0.1')).toBe(UNREACHABLE)
    } finally {
      setDefaultCACertificates(natural)
    }
  })
})
