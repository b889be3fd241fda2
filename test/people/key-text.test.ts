import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { idOfKey, isKeyOf, newKey } from '../../src/people/key-text.ts'
import { hashOfToken } from '../../src/secrets.ts'

const SHAPE = /^dl_[0-9A-Za-z]{22}_[0-9A-Za-z]{33}[0-9A-Za-z]{6}$/
const ids = fc.oneof(
  fc.uuid(),
  fc.constantFrom('00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff')
)

t.test('a key names its id, and no two are alike', async (t) => {
  fc.assert(
    fc.property(ids, (id) => {
      const [key, twin] = [newKey(id), newKey(id)]
      return SHAPE.test(key) && key !== twin && idOfKey(key) === id && idOfKey(twin) === id
    })
  )
  t.pass()
})

t.test('one character changed, left out, put in or swapped, and it is no key', async (t) => {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-'
  fc.assert(
    fc.property(ids, fc.nat(63), fc.constantFrom(...digits), (id, place, digit) => {
      const key = newKey(id)
      const [front, rest] = [key.slice(0, place), key.slice(place)]
      const typos = [
        `${front}${digit}${rest.slice(1)}`,
        `${front}${rest.slice(1)}`,
        `${front}${digit}${rest}`,
        `${front}${rest[1]}${rest[0]}${rest.slice(2)}`
      ]
      return typos.every((typo) => typo === key || idOfKey(typo) === null)
    }),
    { numRuns: 500 }
  )
  t.pass()
})

t.test('what is no key at all', async (t) => {
  fc.assert(fc.property(fc.string({ maxLength: 100 }), (text) => idOfKey(text) === null))
  const key = newKey('019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10')
  for (const text of [
    '',
    'dl_',
    `${key}\n`,
    ` ${key}`,
    `${key}=`,
    key.toUpperCase(),
    key.replace('dl_', 'dlp_')
  ])
    t.equal(idOfKey(text), null, JSON.stringify(text))
})

t.test(
  'an id that is larger than any, with a checksum that is right, is refused and breaks nothing',
  async (t) => {
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    const withChecksum = (text: string) => {
      let [rest, checksum] = [crc32(text), '']
      for (; checksum.length < 6; rest = Math.floor(rest / 62)) checksum = digits[rest % 62] + checksum
      return text + checksum
    }
    t.equal(idOfKey(withChecksum(`dl_${'z'.repeat(22)}_${'0'.repeat(33)}`)), null)
    t.equal(
      idOfKey(withChecksum(`dl_${'0'.repeat(22)}_${'0'.repeat(33)}`)),
      '00000000-0000-0000-0000-000000000000',
      'a checksum is no secret'
    )
  }
)

t.test('its hash knows it', async (t) => {
  const [key, twin] = [
    newKey('019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'),
    newKey('019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10')
  ]
  t.equal(hashOfToken(key).length, 32)
  t.ok(isKeyOf(hashOfToken(key), key))
  t.notOk(isKeyOf(hashOfToken(key), twin))
})
