import fc from 'fast-check'
import t from 'tap'
import { networkOf, subscriberOf } from '../../src/http/subscribers.ts'

t.test('networks of addresses', async (t) => {
  const parts = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
  const whole = (numbers: number[]) => numbers.map((number) => number.toString(16)).join(':')
  fc.assert(
    fc.property(parts, parts, fc.nat(7), (one, other, at) => {
      const zeros = one.map((part, index) => (index >= at && index < at + 2 ? 0 : part))
      // As the platform writes it, with :: where there are zeros.
      const short = new URL(`http://[${whole(zeros)}]`).hostname.slice(1, -1)
      const sameNetwork = [...zeros.slice(0, 4), ...other.slice(4)]
      const mapped = zeros.slice(0, 5).every((part) => part === 0)
      return (
        subscriberOf(short) === subscriberOf(whole(zeros)) &&
        (mapped || subscriberOf(whole(sameNetwork)) === subscriberOf(short))
      )
    })
  )
  for (const [address, network] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::', '0:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:db8:a:b:c:d:1.2.3.4', '2001:db8:a:b::/64'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['unknown', 'unknown'],
    ['', '']
  ] as const)
    t.equal(subscriberOf(address), network, address)
})

t.test('networks the audit tells', async (t) => {
  for (const [address, network] of [
    ['192.0.2.7', '192.0.2.0/24'],
    ['::ffff:192.0.2.7', '192.0.2.0/24'],
    ['::ffff:c000:207', '192.0.2.0/24'],
    ['::1', '0:0:0::/48'],
    ['2001:db8:a:b:c:d:1.2.3.4', '2001:db8:a::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['unknown', null],
    ['', null]
  ] as const)
    t.equal(networkOf(address), network, address)
})
