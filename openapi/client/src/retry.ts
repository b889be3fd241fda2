/** Asking again after an answer got lost, where that cannot do a thing twice. */
import type { paths } from '../../types.ts'
import { problemOf } from './problem.ts'

type KeysOf<Header> = Header extends object ? keyof Header : never
type KeyedPath = {
  [Path in keyof paths]: paths[Path] extends { post: { parameters: { header?: infer Header } } }
    ? 'idempotency-key' extends KeysOf<Header>
      ? Path
      : never
    : never
}[keyof paths]

// Checked by the compiler against the document: nothing may be missing, nothing may be too much.
const keyed: Record<KeyedPath, true> = {
  '/v1/users': true,
  '/v1/users/{id}/password-links': true,
  '/v1/api-keys': true,
  '/v1/tags': true,
  '/v1/authors': true,
  '/v1/articles': true,
  '/v1/articles/{id}/translations': true,
  '/v1/articles/{id}/publications': true,
  '/v1/articles/{id}/share-links': true,
  '/v1/articles/{id}/previews': true,
  '/v1/share-links': true,
  '/v1/lists': true,
  '/v1/redirects': true,
  '/v1/webhooks': true
}

/** Whether a POST there takes an Idempotency-Key: done once, however often it is sent. */
export const takesKey = (path: string) => Object.hasOwn(keyed, path)

type Fetch = (request: Request) => Promise<Response>

export type Patience = {
  /** How often a request is sent again at most. */
  retries: number
  /** In seconds. A server that wants to be left alone for longer is not asked again. */
  maxWait: number
}

/** What reads, what carries a key, and a refresh: within ten seconds the same token gives the same successor. */
function isRepeatable({ method, headers, url }: Request) {
  return (
    ['GET', 'HEAD'].includes(method) || headers.has('idempotency-key') || /\/v1\/sessions\/refresh$/.test(url)
  )
}

/**
 * Sends a request, and again when no answer came or one that says when to come back. An answer other than 2xx is
 * thrown as a ProblemError.
 */
export async function sendAgain(
  fetch: Fetch,
  request: Request,
  { retries, maxWait }: Patience
): Promise<Response> {
  const repeatable = isRepeatable(request)
  for (let tries = 0; ; tries++) {
    const last = !repeatable || tries >= retries
    const pause = 0.2 * 2 ** tries
    let response: Response
    try {
      // A body can be read once: what may be sent again is sent as a copy.
      response = await fetch(last ? request : request.clone())
    } catch (error) {
      if (last || request.signal.aborted) throw error
      await wait(pause, request.signal)
      continue
    }
    if (response.ok) return response
    const problem = await problemOf(response)
    // Its first try may be under way still: it was the answer that was lost, not the request.
    const passing = problem.status === 503 || problem.code === 'idempotency_key_in_use'
    if (last || !passing || problem.retryAfter === null || problem.retryAfter > maxWait) throw problem
    await wait(Math.max(pause, problem.retryAfter), request.signal)
  }
}

/** Throws what `fetch` would when the caller gives up meanwhile. */
async function wait(seconds: number, signal: AbortSignal) {
  signal.throwIfAborted()
  await new Promise<void>((done, failed) => {
    const timer = setTimeout(finish, seconds * 1000)
    const giveUp = () => finish(signal.reason)
    function finish(reason?: unknown) {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      if (signal.aborted) failed(reason)
      else done()
    }
    signal.addEventListener('abort', giveUp)
  })
}
