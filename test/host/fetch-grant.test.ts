import { describe, expect, it } from 'vitest'
import { isPublic } from '../../src/host/fetch/addresses.ts'
import { mayAsk, parseFetch } from '../../src/host/fetch/grant.ts'

describe('addresses', () => {
  it.each(['1.1.1.1', '93.184.215.14', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450:4001::1'])(
    'of the public Internet are: %s',
    (address) => expect(isPublic(address)).toBe(true),
  )

  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '100.100.100.200',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:1.1.1.1',
    '::127.0.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'fec0::1',
    'ff02::1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    '3fff::1',
    '',
    'localhost',
    '2130706433',
    '0x7f.1',
    '127.1',
    '1.1.1.1 ',
    '1.1.1.1/0',
    '2606:4700::1%lo',
  ])('of the public Internet are not: "%s"', (address) => expect(isPublic(address)).toBe(false))
})

describe('hosts', () => {
  it.each([
    ['a.example', 'https://a.example/', true],
    ['a.example', 'http://A.EXAMPLE:80/', true],
    ['BÜCHER.example', 'http://xn--bcher-kva.example/', true],
    ['a.example', 'http://a.example:8080/', false],
    ['a.example:8080', 'http://a.example:8080/', true],
    ['a.example:443', 'https://a.example/', true],
    ['a.example:443', 'http://a.example/', false],
    ['a.example', 'http://b.a.example/', false],
    ['a.example', 'http://a.example.evil.example/', false],
    ['a.example', 'http://nota.example/', false],
    ['a.example', 'http://a.example@evil.example/', false],
    ['a.example', 'http://evil.example#a.example', false],
    ['a.example', 'http://evil.example\\@a.example/', false],
    ['a.example', 'http://a.example./', false],
    ['*.a.example', 'http://b.a.example/', true],
    ['*.a.example', 'http://c.b.a.example/', true],
    ['*.a.example', 'http://a.example/', false],
    ['*.a.example', 'http://ba.example/', false],
    ['*', 'http://anything.example/', true],
    ['*', 'http://anything.example:22/', false],
    ['*:8080', 'http://anything.example:8080/', true],
    ['[2606:4700::1]', 'http://[2606:4700:0:0::1]/', true],
    ['127.0.0.1', 'http://2130706433/', true],
    ['127.0.0.1', 'http://127.0.0.2/', false],
  ])('as "%s" are asked at %s: %s', (host, url, may) => {
    expect(mayAsk(parseFetch({ hosts: [host] }, 'Cannot run'), new URL(url))).toBe(may)
  })

  it.each([
    [undefined, 'must be an object'],
    [{}, '"fetch.hosts" must be a list of strings'],
    [{ hosts: 'a.example' }, '"fetch.hosts" must be a list of strings'],
    [{ hosts: [''] }, 'names of hosts, received ""'],
    [{ hosts: ['http://a.example'] }, 'names of hosts, received "http://a.example"'],
    [{ hosts: ['a.example/path'] }, 'names of hosts'],
    [{ hosts: ['a.*.example'] }, 'names of hosts'],
    [{ hosts: ['a.example:99999'] }, 'names of hosts'],
    [{ hosts: [], methods: ['get'] }, 'received "get"'],
    [{ hosts: [], methods: ['CONNECT'] }, 'received "CONNECT"'],
    [{ hosts: [], maxBodyBytes: 0 }, '"fetch.maxBodyBytes" must be a whole number from 1 to 67108864, received 0'],
    [{ hosts: [], timeoutMs: '1' }, '"fetch.timeoutMs" must be a number'],
    [{ hosts: [], privateAddresses: ['localhost'] }, 'addresses and ranges, received localhost'],
    [{ hosts: [], privateAddresses: ['10.0.0.0/'] }, 'addresses and ranges'],
    [{ hosts: [], privateAddresses: ['10.0.0.0/33'] }, 'addresses and ranges'],
    [{ hosts: [], host: [] }, '"fetch" must not have a key "host"'],
  ])('are refused where they are none: %j', (options, message) => {
    expect(() => parseFetch(options, 'Cannot run')).toThrow(message)
  })
})
