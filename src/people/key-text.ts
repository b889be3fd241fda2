/**
 * API keys as text: `dl_<id>_<secret><checksum>`, all of it but the front in base 62. The id is that of the key, the secret
 * 192 random bits, the checksum the CRC-32 of what stands before it. So scanners know a key when they see one, and a
 * mistyped one is refused without asking the database.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { hashOfToken } from '../secrets.ts'

export const KEY_PREFIX = 'dl_'
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SECRET_BYTES = 24
/** As many digits as the largest number of so many bytes has. */
const [ID_DIGITS, SECRET_DIGITS, CHECKSUM_DIGITS] = [22, 33, 6]
const SHAPE = new RegExp(
  `^(${KEY_PREFIX}([0-9A-Za-z]{${ID_DIGITS}})_[0-9A-Za-z]{${SECRET_DIGITS}})([0-9A-Za-z]{${CHECKSUM_DIGITS}})$`
)

function toBase62(number: bigint, length: number) {
  let text = ''
  for (let rest = number; text.length < length; rest /= 62n) text = DIGITS.charAt(Number(rest % 62n)) + text
  return text
}

const fromBase62 = (text: string) =>
  [...text].reduce((number, digit) => number * 62n + BigInt(DIGITS.indexOf(digit)), 0n)

const checksumOf = (text: string) => toBase62(BigInt(crc32(text)), CHECKSUM_DIGITS)

/** A new key for this id, a UUID. */
export function newKey(id: string): string {
  const secret = BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`)
  const number = BigInt(`0x${id.replaceAll('-', '')}`)
  const text = `${KEY_PREFIX}${toBase62(number, ID_DIGITS)}_${toBase62(secret, SECRET_DIGITS)}`
  return text + checksumOf(text)
}

/** The id in a key; null when the text is none, or was mistyped. */
export function idOfKey(key: string): string | null {
  const [, text = '', id = '', checksum] = SHAPE.exec(key) ?? []
  if (checksum === undefined || checksumOf(text) !== checksum) return null
  const hex = fromBase62(id).toString(16).padStart(32, '0')
  // 22 digits hold a little more than a UUID.
  return hex.length > 32 ? null : hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

export const isKeyOf = (hash: Uint8Array, key: string) => timingSafeEqual(hash, hashOfToken(key))
