/** Access tokens and the keys that sign them. The keys are made at first start and kept in the database, sealed. */
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT
} from 'jose'
import type { ClientBase } from 'pg'
import type { Database } from '../database/database.ts'
import { deriveKey, seal, unseal } from '../secrets.ts'

/** Seconds. */
export const ACCESS_TOKEN_LIFE = 600
const ALGORITHM = 'EdDSA'
const AUDIENCE = 'dateline'
const SEAL = 'signing-keys'

/** Makes the first signing key if there is none. The caller holds the start lock. Throws when the secret is another one. */
export async function ensureSigningKey(client: ClientBase, secret: string) {
  const { rows } = await client.query<{ sealed_private: Buffer }>(
    'SELECT sealed_private FROM signing_keys WHERE retired_at IS NULL'
  )
  if (rows.some((row) => unseal(deriveKey(secret, SEAL), row.sealed_private) === null)) {
    throw new Error(
      'DATELINE_SECRET is not the one this database was set up with, so its signing keys cannot be opened. ' +
        'Start with the secret used before (an embedded start keeps it in the data folder, in the file `secret`).'
    )
  }
  if (rows.length > 0) return
  const { publicKey, privateKey } = await generateKeyPair('Ed25519', { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  const sealed = Buffer.from(seal(deriveKey(secret, SEAL), JSON.stringify(await exportJWK(privateKey))))
  await client.query('INSERT INTO signing_keys (kid, public_jwk, sealed_private) VALUES ($1, $2, $3)', [
    kid,
    publicJwk,
    sealed
  ])
}

type PublicKey = Awaited<ReturnType<typeof importJWK>>
type Claims = { userId: string; sessionId: string }

export type TokenKeys = {
  /** A signed access token (RFC 9068) for ten minutes. */
  sign: (claims: Claims) => Promise<string>
  /** What the token says, or null when it is not one of ours or has expired. */
  verify: (token: string) => Promise<Claims | null>
  /** The public keys, for others. */
  jwks: () => Promise<{ keys: JWK[] }>
}

/** Keys made by another instance are looked up when a token names one that is not known here, this often at most. */
const LOOK_AGAIN_MS = 5000

export function openTokenKeys(db: Database, secret: string, issuer: string): TokenKeys {
  let known = new Map<string, PublicKey>()
  let looked = 0
  let looking: Promise<void> | undefined

  const load = () =>
    db.prisma.signingKey.findMany({ where: { retiredAt: null }, orderBy: { createdAt: 'desc' } })

  async function look() {
    looked = Date.now()
    try {
      const rows = await load()
      known = new Map(
        await Promise.all(
          rows.map(async ({ kid, publicJwk }) => [kid, await importJWK(publicJwk as JWK, ALGORITHM)] as const)
        )
      )
    } catch (error) {
      looked = 0
      throw error
    }
  }

  async function keyFor(kid = '') {
    if (!known.has(kid) && Date.now() - looked > LOOK_AGAIN_MS) looking = look()
    // Those who come meanwhile wait for the same look.
    if (!known.has(kid)) await looking
    const key = known.get(kid)
    if (!key) throw new Error('unknown key')
    return key
  }

  let signer: { kid: string; key: PublicKey } | undefined
  async function signingKey() {
    if (signer) return signer
    const [newest] = await load()
    if (!newest) throw new Error('There is no signing key: start Dateline once, or run `npm run migrate`.')
    const jwk = unseal(deriveKey(secret, SEAL), newest.sealedPrivate)
    if (!jwk) throw new Error('DATELINE_SECRET does not open the signing key.')
    signer = { kid: newest.kid, key: await importJWK(JSON.parse(jwk), ALGORITHM) }
    return signer
  }

  return {
    async sign({ userId, sessionId }) {
      const { kid, key } = await signingKey()
      return new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(`${ACCESS_TOKEN_LIFE}s`)
        .sign(key)
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, (header) => keyFor(header.kid), {
          algorithms: [ALGORITHM],
          issuer,
          audience: AUDIENCE,
          typ: 'at+jwt',
          requiredClaims: ['sub', 'sid', 'exp']
        })
        return { userId: payload.sub as string, sessionId: String(payload.sid) }
      } catch (error) {
        // A database that cannot be asked is not a bad token.
        if (
          (error as { code?: string }).code?.startsWith('ERR_J') ||
          (error as Error).message === 'unknown key'
        )
          return null
        throw error
      }
    },
    async jwks() {
      const rows = await load()
      return {
        keys: rows.map(({ kid, publicJwk }) => ({ ...(publicJwk as JWK), kid, alg: ALGORITHM, use: 'sig' }))
      }
    }
  }
}
