/** One door to a Dateline: typed requests that are signed, sent again where that is safe, and refused by an error. */
import createFetchClient, { type FetchResponse, type MaybeOptionalInit } from 'openapi-fetch'
import type { HttpMethod, MediaType, PathsWithMethod, RequiredKeysOf } from 'openapi-typescript-helpers'
import type { components, paths } from '../../types.ts'
import { makeWalks, type Walks } from './pages.ts'
import { ProblemError } from './problem.ts'
import { type Patience, sendAgain, takesKey } from './retry.ts'
import { type Credentials, makeSession, type Password, type Tokens } from './session.ts'
import { makeUpdate, type Update } from './update.ts'

export type ClientOptions = Partial<Patience> & {
  /** Where Dateline answers, such as `https://cms.example.org`. */
  baseUrl: string
  /** Instead of the `fetch` that is there. */
  fetch?: (request: Request) => Promise<Response>
  /** Who asks. Without them only what is public can be read, until `signIn`. */
  credentials?: Credentials
  /** Told of each new pair of tokens, so that it can be stored, and of null when they are worth nothing any more. */
  onTokens?: (tokens: Tokens | null) => void
}

/** An answer other than 2xx is thrown, so there always is data. */
// biome-ignore lint/suspicious/noExplicitAny: as openapi-fetch has it
export type Answer<Operation extends Record<string | number, any>, Init> = {
  data: Extract<FetchResponse<Operation, Init, MediaType>, { error?: never }>['data']
  response: Response
}

type Arguments<Init> = RequiredKeysOf<Init> extends never ? [init?: Init] : [init: Init]

export type Method<Name extends HttpMethod> = <
  Path extends PathsWithMethod<paths, Name>,
  Init extends MaybeOptionalInit<paths[Path], Name>
>(
  path: Path,
  ...init: Arguments<Init>
  // biome-ignore lint/suspicious/noExplicitAny: as openapi-fetch has it
) => Promise<Answer<paths[Path][Name] extends Record<string | number, any> ? paths[Path][Name] : never, Init>>

export type Client = Walks & {
  GET: Method<'get'>
  POST: Method<'post'>
  PUT: Method<'put'>
  PATCH: Method<'patch'>
  DELETE: Method<'delete'>
  update: Update
  /** Signs in at once, by default with the credentials of the client. The password is not kept, the tokens are. */
  signIn: (password?: Password) => Promise<components['schemas']['Me']>
  /** Ends the session. What is asked afterwards is asked by nobody. */
  signOut: () => Promise<void>
}

export function createClient({
  baseUrl,
  fetch = (request) => globalThis.fetch(request),
  credentials,
  onTokens = () => {},
  retries = 2,
  maxWait = 10
}: ClientOptions): Client {
  const send = (request: Request) => sendAgain(fetch, request, { retries, maxWait })
  const nobody = createFetchClient<paths>({ baseUrl, fetch: send }) as unknown as Client
  const session = makeSession(credentials, onTokens, async (path, body) => {
    return (await nobody.POST(path, { body } as never)).data
  })

  async function sendSigned(request: Request): Promise<Response> {
    const token = isPublic(request) || request.headers.has('authorization') ? null : await session.token()
    if (!token) return send(request)
    const spare = session.renewable() ? request.clone() : null
    try {
      return await send(signed(request, token))
    } catch (error) {
      const ended = error instanceof ProblemError && error.code === 'unauthenticated'
      const next = ended && spare ? await session.token(token) : null
      if (!spare || !next) throw error
      return send(signed(spare, next))
    }
  }

  const client = createFetchClient<paths>({ baseUrl, fetch: sendSigned })
  client.use({
    onRequest({ request, schemaPath }) {
      if (request.method === 'POST' && takesKey(schemaPath) && !request.headers.has('idempotency-key'))
        request.headers.set('idempotency-key', newKey())
    }
  })
  const { GET, POST, PUT, PATCH, DELETE } = client as unknown as Client

  return {
    ...{ GET, POST, PUT, PATCH, DELETE },
    ...makeWalks(GET),
    update: makeUpdate(GET, PATCH),
    signIn: (password) => session.signIn(password),
    async signOut() {
      try {
        if (session.renewable()) await DELETE('/v1/sessions/current')
      } catch (error) {
        // It has ended already: what was wanted.
        if (!(error instanceof ProblemError) || error.status !== 401) throw error
      } finally {
        session.leave()
      }
    }
  }
}

/** Where the body says who asks. Whose session has ended gets in again here. */
const ENTRANCES = /\/v1\/(sessions|sessions\/refresh|password-links\/use)$/

/** What takes no token: reading, but for another moment, and getting in. So a reader never waits for a sign-in. */
function isPublic({ method, url }: Request) {
  const { pathname, searchParams } = new URL(url)
  if (!pathname.includes('/v1/') || (method === 'POST' && ENTRANCES.test(pathname))) return true
  return pathname.includes('/v1/content/') && !searchParams.has('at')
}

function signed(request: Request, token: string) {
  request.headers.set('authorization', `Bearer ${token}`)
  return request
}

/** Not `randomUUID`, which browsers keep from pages that come over plain HTTP. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0')
  ).join('')
}
