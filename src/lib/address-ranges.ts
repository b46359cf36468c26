import { BlockList, isIP } from 'node:net'

export type AddressRanges = { holds(address: string): boolean }

/** The IPv4 address within an IPv4-mapped (RFC 4291 §2.5.5.2) or NAT64 (RFC 6052 §2.1) one, else the address without its zone. */
function unwrapped(text: string): string {
  const [address = ''] = text.split('%')
  if (isIP(address) !== 6) return address
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const groups = /^(?:::ffff:|64:ff9b::)([0-9a-f:]*)$/.exec(canonical)?.[1]?.split(':')
  if (!groups || groups.length > 2) return address
  const [low = 0, high = 0] = groups.toReversed().map((group) => Number.parseInt(group || '0', 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** A set of addresses, from single ones and CIDR ranges. Throws on anything else. */
export function rangesOf(entries: readonly string[]): AddressRanges {
  const ranges = new BlockList()
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    ranges.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return {
    holds(text) {
      const address = unwrapped(text)
      return ranges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
    },
  }
}

/** The addresses that are not of the public Internet (IANA special-purpose registries, RFC 6890), multicast, and tunnels into IPv4. */
export const notPublic = rangesOf([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16'],
  ...['3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
])
