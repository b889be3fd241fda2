/** An OpenID Connect issuer of one's own, in this process. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import { unique } from '../helper.ts'

type Key = { kid: string; alg: string; privateKey: CryptoKey; jwk: JWK }

export const AUDIENCE = 'newsroom'

/** How it behaves can be changed at any time. */
export async function ownIssuer(t: { teardown: (work: () => Promise<void>) => void }) {
  const keys: Key[] = []
  const asked: string[] = []
  let answering: (request: IncomingMessage, response: ServerResponse, answer: () => void) => void = (
    _request,
    _response,
    answer
  ) => answer()
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answering(request, response, () => {
      response.setHeader('content-type', 'application/json')
      if (request.url === '/.well-known/openid-configuration')
        return response.end(JSON.stringify({ issuer: self.says, jwks_uri: `${url}/keys` }))
      return response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  t.teardown(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })

  async function addKey(alg = 'RS256') {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
    const key = { kid: unique('key'), alg, privateKey }
    keys.push({ ...key, jwk: { ...(await exportJWK(publicKey)), kid: key.kid, alg, use: 'sig' } })
    return keys.at(-1) as Key
  }
  await addKey()

  /** A token as this issuer makes them, but for what is changed; undefined leaves a claim out. */
  function sign(claims: JWTPayload, header: Record<string, unknown> = {}, key = keys[0] as Key) {
    const now = Math.floor(Date.now() / 1000)
    const payload = { iss: url, aud: AUDIENCE, iat: now, exp: now + 300, email_verified: true, ...claims }
    const told = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined))
    return new SignJWT(told)
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header } as { alg: string })
      .sign(key.privateKey)
  }

  const self = {
    url,
    /** What its description says it is. */
    says: url,
    keys,
    asked,
    addKey,
    sign,
    answer: (how: typeof answering) => {
      answering = how
    }
  }
  return self
}
