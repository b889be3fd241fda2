/** Being signed in, and staying so. */
import type { components } from '../../types.ts'
import { ProblemError } from './problem.ts'

export type Password = { email: string; password: string }
export type Tokens = {
  accessToken: string
  /** Good once: the next one comes with each refresh, and `onTokens` hands it out. */
  refreshToken: string
  /** When the access token ends, in milliseconds of this machine's clock. Without it, it is used until refused. */
  expiresAt?: number | undefined
}
export type Credentials = Password | { apiKey: string } | Tokens

type Post = (
  path: '/v1/sessions' | '/v1/sessions/refresh',
  body: object
) => Promise<components['schemas']['Session']>

/** An access token is renewed so long before it ends: what is asked with it takes its time too. */
const AHEAD = 30_000

export type Session = ReturnType<typeof makeSession>

export function makeSession(
  given: Credentials | undefined,
  onTokens: (tokens: Tokens | null) => void,
  post: Post
) {
  let credentials = given
  let tokens: Tokens | null = given && 'refreshToken' in given ? given : null
  let renewal: Promise<string | null> | null = null
  /** Of who is signed in, by somebody's own doing. */
  let changes = 0

  function keep(session: components['schemas']['Session']) {
    const { accessToken, refreshToken, expiresIn } = session
    tokens = { accessToken, refreshToken, expiresAt: Date.now() + expiresIn * 1000 }
    onTokens(tokens)
    return accessToken
  }

  function forget() {
    tokens = null
    onTokens(null)
  }

  /** Null when nothing is left to sign in with. */
  async function renew(): Promise<string | null> {
    const password = credentials && 'password' in credentials ? credentials : null
    const since = changes
    // Whoever signed in or out meanwhile is not taken back for who was there before.
    const isOvertaken = () => since !== changes
    const current = () => tokens?.accessToken ?? null
    if (tokens) {
      try {
        const session = await post('/v1/sessions/refresh', { refreshToken: tokens.refreshToken })
        return isOvertaken() ? current() : keep(session)
      } catch (error) {
        if (isOvertaken()) return current()
        // Only what Dateline refuses is lost; when the network fails, the next request tries again.
        if (!(error instanceof ProblemError) || error.status !== 401) throw error
        forget()
        if (!password) {
          credentials = undefined
          throw error
        }
      }
    }
    if (!password) return null
    const session = await post('/v1/sessions', password)
    return isOvertaken() ? current() : keep(session)
  }

  return {
    /** What to send, null when nobody is signed in. `refused`: a token that was good for nothing. */
    async token(refused?: string): Promise<string | null> {
      if (!credentials) return null
      if ('apiKey' in credentials) return credentials.apiKey
      if (renewal) return renewal
      const fresh = tokens && (tokens.expiresAt === undefined || tokens.expiresAt - AHEAD > Date.now())
      if (tokens && fresh && tokens.accessToken !== refused) return tokens.accessToken
      // Whoever asks meanwhile waits for the same one.
      renewal = renew().finally(() => {
        renewal = null
      })
      return renewal
    },
    /** Whether another token may come when one is refused. */
    renewable: () => credentials !== undefined && !('apiKey' in credentials),
    async signIn(password: Password | undefined) {
      const own = credentials && 'password' in credentials ? credentials : undefined
      const used = password ?? own
      if (!used) throw new TypeError('signIn() needs an e-mail address and a password.')
      // A renewal that ends later would put the tokens of before in place of the new ones.
      await renewal?.catch(() => {})
      const session = await post('/v1/sessions', used)
      changes++
      keep(session)
      // Who gives a password here keeps it: what stays is the tokens.
      if (password && tokens) credentials = tokens
      return session.user
    },
    /** From here on nobody is signed in. */
    leave() {
      changes++
      credentials = undefined
      if (tokens) forget()
    }
  }
}
