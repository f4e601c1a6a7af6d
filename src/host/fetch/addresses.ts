import { BlockList, isIP, isIPv4 } from 'node:net'

/**
 * What of IPv4 is not the public Internet: private, loopback, link-local and shared ranges, documentation, multicast; and
 * the one public address at which a cloud answers its machines about themselves.
 */
const NOT_PUBLIC_4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

/** All of IPv6 that is given out to networks; whatever maps or carries IPv4 lies outside, or is among the exceptions. */
const PUBLIC_6 = ['2000::/3']
const NOT_PUBLIC_6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

/** A list of addresses and ranges, as `10.0.0.1` or `10.0.0.0/8`. Undefined where one is neither. */
export const rangesOf = (ranges: readonly string[]): BlockList | undefined => {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits, more] = range.split('/')
    const version = isIP(address)
    const whole = version === 4 ? 32 : 128
    const prefix = bits === undefined ? whole : Number(bits)
    if (version === 0 || address.includes('%') || more !== undefined || bits === '') return undefined
    if (!Number.isInteger(prefix) || prefix < 0 || prefix > whole) return undefined
    list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

const ours = (ranges: readonly string[]): BlockList => rangesOf(ranges) ?? new BlockList()

const notPublic4 = ours(NOT_PUBLIC_4)
const public6 = ours(PUBLIC_6)
const notPublic6 = ours(NOT_PUBLIC_6)

/** Whether an address is in a list. */
export const isListed = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')

/** Whether an address belongs to the public Internet. What is no address does not. */
export const isPublic = (address: string): boolean => {
  if (isIPv4(address)) return !notPublic4.check(address, 'ipv4')
  // One with a zone is of a link.
  if (isIP(address) !== 6 || address.includes('%')) return false
  return public6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6')
}
