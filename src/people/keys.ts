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
import { note, system } from '../audit/audit.ts'
import type { Connection, Database } from '../database/database.ts'
import type { Prisma } from '../database/generated/client.ts'
import { NotReady } from '../database/not-ready.ts'
import { deriveKey, seal, unseal } from '../secrets.ts'

/** Seconds. */
export const ACCESS_TOKEN_LIFE = 600
const ALGORITHM = 'EdDSA'
const AUDIENCE = 'dateline'
const SEAL = 'signing-keys'

/** Which keys there are is looked up again this often: when a token names an unknown one, at most; when one is signed, at least. */
const LOOK_AGAIN_MS = 5000
/**
 * A new key signs when it is older than that, in seconds. So every instance that looked before there was this key may look
 * again when it meets the first token signed with it.
 */
const SETTLED = LOOK_AGAIN_MS / 1000 + 2
/** An instance that only verifies hears within that time of keys that are retired. */
const FORGET_MS = 300_000
/** Seconds from the coming of a key until no token of the one before it can be good: some for clocks that differ. */
export const RETIRE_AFTER = ACCESS_TOKEN_LIFE + 120

/** Makes the first signing key if there is none. The caller holds the start lock. Throws when the secret is another one. */
export async function ensureSigningKey(client: ClientBase, secret: string) {
  const { rows } = await client.query<{ sealed_private: Buffer }>(
    'SELECT sealed_private FROM signing_keys WHERE retired_at IS NULL'
  )
  if (rows.some((row) => !opens(secret, row.sealed_private))) {
    throw new NotReady(
      'DATELINE_SECRET is not the one this database was set up with, so its signing keys cannot be opened. ' +
        'Start with the secret used before (an embedded start keeps it in the data folder, in the file `secret`).'
    )
  }
  if (rows.length > 0) return
  const { kid, publicJwk, sealedPrivate } = await makeKey(secret)
  await client.query('INSERT INTO signing_keys (kid, public_jwk, sealed_private) VALUES ($1, $2, $3)', [
    kid,
    publicJwk,
    Buffer.from(sealedPrivate)
  ])
}

/** Whether this secret opens a private key as it is kept. */
export const opens = (secret: string, sealed: Uint8Array) => unseal(deriveKey(secret, SEAL), sealed) !== null

async function makeKey(secret: string) {
  const { publicKey, privateKey } = await generateKeyPair('Ed25519', { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  const sealedPrivate = seal(deriveKey(secret, SEAL), JSON.stringify(await exportJWK(privateKey)))
  return { kid, publicJwk, sealedPrivate }
}

/**
 * Makes a new signing key. All instances sign with it some seconds later; tokens signed with the ones before stay good
 * until they expire. Retires keys whose time is over. Answers with the ids of both.
 */
export async function rotateKeys(db: Database, secret: string, retireAfter = RETIRE_AFTER) {
  const { kid, publicJwk, sealedPrivate } = await makeKey(secret)
  return db.transaction(async (tx) => {
    await tx.prisma.signingKey.create({
      data: { kid, publicJwk: publicJwk as Prisma.InputJsonObject, sealedPrivate }
    })
    await note(tx, system, { action: 'keys.rotated', resource: 'signing_key', resourceId: null })
    return { made: kid, retired: await retireKeys(tx, retireAfter) }
  })
}

/** Retires the keys that were followed by another one more than so many seconds ago. Answers with their ids. */
export async function retireKeys(db: Connection, after = RETIRE_AFTER): Promise<string[]> {
  const retired = await db.query<{ kid: string }>({ text: retire }, [after])
  return retired.map(({ kid }) => kid)
}

const retire = `
  UPDATE signing_keys k SET retired_at = clock_timestamp()
  WHERE retired_at IS NULL AND EXISTS (
    SELECT FROM signing_keys n
    WHERE n.created_at > k.created_at AND n.created_at < clock_timestamp() - make_interval(secs => $1::float8))
  RETURNING kid`

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

type KeyRow = { kid: string; publicJwk: JWK; sealedPrivate: Uint8Array; settled: boolean }

const readKeys = {
  name: 'signing-keys',
  text: `
    SELECT kid, public_jwk AS "publicJwk", sealed_private AS "sealedPrivate",
      created_at < clock_timestamp() - make_interval(secs => ${SETTLED}) AS settled
    FROM signing_keys WHERE retired_at IS NULL ORDER BY created_at DESC, kid`
}

export function openTokenKeys(db: Database, secret: string, issuer: string): TokenKeys {
  let known = new Map<string, PublicKey>()
  let signer: { kid: string; key: PublicKey } | undefined
  let looked = 0
  let looking: Promise<void> | undefined

  const load = () => db.query<KeyRow>(readKeys, [])

  async function look() {
    const before = looked
    looked = Date.now()
    try {
      const rows = await load()
      known = new Map(
        await Promise.all(
          rows.map(async ({ kid, publicJwk }) => [kid, await importJWK(publicJwk, ALGORITHM)] as const)
        )
      )
      // The very first key signs at once: no instance has looked before it was there.
      signer = await signerOf(rows.find(({ settled }) => settled) ?? rows.at(-1))
    } catch (error) {
      looked = before
      throw error
    }
  }

  async function signerOf(row: KeyRow | undefined) {
    if (!row) return undefined
    if (row.kid === signer?.kid) return signer
    const jwk = unseal(deriveKey(secret, SEAL), row.sealedPrivate)
    if (!jwk) throw new Error('DATELINE_SECRET does not open the signing key.')
    return { kid: row.kid, key: await importJWK(JSON.parse(jwk), ALGORITHM) }
  }

  const lookedLongerAgoThan = (milliseconds: number) => Date.now() - looked > milliseconds

  async function keyFor(kid = '') {
    if (!known.has(kid) && lookedLongerAgoThan(LOOK_AGAIN_MS)) looking = look()
    // Those who come meanwhile wait for the same look.
    if (!known.has(kid)) await looking
    // Nobody waits to hear that a key they do not use is over.
    else if (lookedLongerAgoThan(FORGET_MS)) look().catch(() => {})
    const key = known.get(kid)
    if (!key) throw new Error('unknown key')
    return key
  }

  async function signingKey() {
    if (lookedLongerAgoThan(LOOK_AGAIN_MS)) looking = look()
    // Always: after a quiet night the key known here may be long retired.
    await looking
    if (!signer) throw new Error('There is no signing key: start Dateline once, or run `npm run migrate`.')
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
        keys: rows.map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: ALGORITHM, use: 'sig' }))
      }
    }
  }
}
