/** What an address tells: who is one subscriber of a network, and which network that is. */
import { isIPv4, isIPv6 } from 'node:net'

/** An IPv4 address; of an IPv6 one the /64, within which one household changes its address as often as it likes. */
export function subscriberOf(address: string): string {
  if (!isIPv6(address)) return address
  return inside(address) ?? prefixOf(address, 64)
}

/** The network of an address: /24 of IPv4, /48 of IPv6; null of what is no address. */
export function networkOf(address: string): string | null {
  const v4 = isIPv6(address) ? inside(address) : address
  if (v4 === null) return prefixOf(address, 48)
  return isIPv4(v4) ? v4.replace(/\d+$/, '0/24') : null
}

/** The IPv4 address that is in the clothes of IPv6 (RFC 4291, 2.5.5.2); null when none is. */
function inside(address: string): string | null {
  const parts = groupsOf(address)
  const [hextet = 0, last = 0] = parts.slice(6)
  if (parts.slice(0, 5).some((part) => part !== 0) || parts[5] !== 0xffff) return null
  return [hextet >> 8, hextet & 255, last >> 8, last & 255].join('.')
}

const prefixOf = (address: string, bits: 48 | 64) =>
  `${groupsOf(address)
    .slice(0, bits / 16)
    .map((part) => part.toString(16))
    .join(':')}::/${bits}`

/** The eight numbers of an IPv6 address (RFC 4291, 2.2). */
function groupsOf(address: string): number[] {
  const plain = address
    .replace(/%.*$/, '')
    .replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
      [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((part) => part.toString(16)).join(':')
    )
  const [before = [], after = []] = plain
    .split('::')
    .map((side) => side.split(':').filter((part) => part !== ''))
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].map((part) => Number.parseInt(part, 16))
}
