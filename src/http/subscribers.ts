/** Who is one subscriber of a network, as far as an address tells. */
import { isIPv6 } from 'node:net'

/** An IPv4 address; of an IPv6 one the /64, within which one household changes its address as often as it likes. */
export function subscriberOf(address: string): string {
  if (!isIPv6(address)) return address
  const parts = groupsOf(address)
  const [hextet = 0, last = 0] = parts.slice(6)
  // An IPv4 address in the clothes of IPv6 (RFC 4291, 2.5.5.2).
  if (parts.slice(0, 5).every((part) => part === 0) && parts[5] === 0xffff)
    return [hextet >> 8, hextet & 255, last >> 8, last & 255].join('.')
  return `${parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}

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
