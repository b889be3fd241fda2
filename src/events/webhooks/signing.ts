/** Signatures and secrets, as Standard Webhooks has them. */
import { createHmac, randomBytes } from 'node:crypto'
import { deriveKey } from '../../secrets.ts'

const SECRET_BYTES = 32
const PREFIX = 'whsec_'

/** What the secrets of webhooks are sealed with in the database: signing needs them back, so a hash would not do. */
export const sealingKey = (secret: string) => deriveKey(secret, 'webhook secrets')

export const makeSecret = () => `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`

/** The headers that say what a message is and who sent it. `at` is the moment of this try, in seconds of Unix time. */
export function signedHeaders(secrets: string[], id: string, at: number, body: string) {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': String(at),
    'webhook-signature': signatures.join(' ')
  }
}
