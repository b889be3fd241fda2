/** Tokens of an OpenID Connect issuer: whether it signed them for us. Its keys are found by its own description. */
import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  type FetchImplementation,
  type JWTPayload,
  jwtVerify
} from 'jose'
import type { Role } from '../database/generated/enums.ts'
import { Problem } from '../http/errors.ts'

export type IssuerSettings = {
  /** As it stands in `iss`, to the letter. */
  issuer: string
  audience: string
  /** Which value of which claim gives which role. None: the role is the one in Dateline. */
  roles: RoleRule[]
  /** Whether the first token of somebody unknown makes a person. */
  create: boolean
}
export type RoleRule = { claim: string; value: string; role: Role }

export type Issuer = {
  /** Whether a token says it is of this issuer. Nothing is checked yet. */
  claims: (token: string) => boolean
  settings: IssuerSettings
  /** What the token says, or null when it is not good. Throws `unavailable` while the issuer cannot be asked. */
  verify: (token: string) => Promise<IssuedClaims | null>
}
export type IssuedClaims = JWTPayload & { sub: string; iat: number }

/** Public keys only: with a shared secret, whoever can check a token could make one. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']
const TIMEOUT_MS = 5000
/** After it did not answer, the issuer is left alone for so long. */
const REST_MS = 5000
/** Its description is read again after that. */
const DESCRIBED_MS = 3_600_000
/** Seconds by which its clock may differ from ours. */
const TOLERANCE = 10
/** What describes an issuer and its keys is a few kilobytes. */
const MOST_BYTES = 1_000_000

export function openIssuer(settings: IssuerSettings): Issuer {
  const { issuer, audience } = settings
  let restingUntil = 0

  /** Bounded in time and size, never redirected. */
  const ask: FetchImplementation = async (url, options) => {
    if (Date.now() < restingUntil) throw new Error('The issuer did not answer a moment ago.')
    try {
      const response = await fetch(url, {
        ...options,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS)
      })
      if (response.status !== 200) throw new Error(`The issuer answered ${response.status}.`)
      return new Response(await readBounded(response), { status: 200 })
    } catch (error) {
      restingUntil = Date.now() + REST_MS
      throw error
    }
  }

  const describe = async () => {
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const options = { headers: new Headers({ accept: 'application/json' }), method: 'GET' } as const
    const response = await ask(address, options as Parameters<FetchImplementation>[1])
    const told = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown }
    // OpenID Connect Discovery 1.0, 4.3: or anybody could describe themselves as somebody else.
    if (told.issuer !== issuer) throw new Error('The description is that of another issuer.')
    return createRemoteJWKSet(new URL(String(told.jwks_uri)), {
      timeoutDuration: TIMEOUT_MS,
      [customFetch]: ask
    })
  }

  let described: { at: number; keys: ReturnType<typeof describe> } | undefined
  const keySet = () => {
    if (described && Date.now() - described.at < DESCRIBED_MS) return described.keys
    const current = { at: Date.now(), keys: describe() }
    described = current
    current.keys.catch(() => {
      restingUntil = Math.max(restingUntil, Date.now() + REST_MS)
      if (described === current) described = undefined
    })
    return current.keys
  }

  return {
    settings,
    claims(token) {
      try {
        return decodeJwt(token).iss === issuer
      } catch {
        return false
      }
    },
    async verify(token) {
      try {
        const { payload, protectedHeader } = await jwtVerify<{ sub: string; iat: number }>(
          token,
          async (header, parts) => (await keySet())(header, parts),
          {
            algorithms: ALGORITHMS,
            issuer,
            audience,
            clockTolerance: TOLERANCE,
            requiredClaims: ['sub', 'exp', 'iat']
          }
        )
        const ours = /^(application\/)?at\+jwt$/i.test(protectedHeader.typ ?? '')
        return !ours && isIssued(payload.iat) && SUBJECT.test(payload.sub) ? payload : null
      } catch (error) {
        if (BAD_TOKEN.test((error as { code?: string }).code ?? '')) return null
        throw unreachable(error as Error)
      }
    }
  }
}

/** What was wrong is for the log, and not for whoever asks: it may name hosts within. */
const unreachable = (error: Error) =>
  Object.assign(
    new Problem('unavailable', 'The issuer of this token did not answer as it should.', {
      headers: { 'retry-after': String(REST_MS / 1000) }
    }),
    { cause: error.cause ?? error }
  )

/** OpenID Connect Core 1.0, 2: at most 255 characters of ASCII. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/

/** A token from the future would outlive the ending of what was issued until now. */
const isIssued = (iat: unknown) => typeof iat === 'number' && iat > 0 && iat <= Date.now() / 1000 + TOLERANCE

/** What jose says of a token. All else is about the issuer. */
const BAD_TOKEN =
  /^ERR_(JWT_|JWS_|JOSE_ALG_NOT_ALLOWED|JOSE_NOT_SUPPORTED|JWKS_NO_MATCHING_KEY|JWKS_MULTIPLE_MATCHING_KEYS)/

async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > MOST_BYTES) throw new Error('The issuer says too much.')
    parts.push(part)
  }
  return new Uint8Array(Buffer.concat(parts))
}
