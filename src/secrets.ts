/** Secrets that are handed out; keys made from DATELINE_SECRET, and sealing with them. One secret, one key for each purpose (HKDF, RFC 5869). */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

/** 256 random bits, after a prefix that says what they are good for. */
export const newToken = (prefix: string) => `${prefix}${randomBytes(32).toString('base64url')}`

/** What is kept of a secret. So many random bits are not to be guessed: a fast hash is enough. */
export const hashOfToken = (token: string) => new Uint8Array(createHash('sha256').update(token).digest())

/** 32 bytes that only this purpose knows. */
export function deriveKey(secret: string | Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'dateline', purpose, 32))
}

const IV_BYTES = 12
const TAG_BYTES = 16

/** AES-256-GCM: IV, ciphertext, tag. */
export function seal(key: Uint8Array, plain: string): Uint8Array<ArrayBuffer> {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  return new Uint8Array(
    Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
  )
}

/** The plain text, or null when the key is another one or the bytes were changed. */
export function unseal(key: Uint8Array, sealed: Uint8Array): string | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    return decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return null
  }
}
