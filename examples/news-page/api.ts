/** Reading from Dateline: addresses, parameters and answers have the types of its OpenAPI document. */
import type { components, paths } from '../../openapi/types.ts'

export type Site = components['schemas']['ContentSite']
export type Item = components['schemas']['ContentArticleItem']
export type Article = components['schemas']['ContentArticle']
export type ShareBar = components['schemas']['ShareBar']
export type Picture = components['schemas']['Picture']

type ContentPath = keyof paths & `/v1/content/${string}`
type Parameters<P extends ContentPath> = paths[P]['get'] extends { parameters: infer G } ? G : never
type Shown<P extends ContentPath> = paths[P]['get'] extends {
  responses: { 200: { content: { 'application/json': infer A } } }
}
  ? A
  : never
/** The items of a list are whole without `fields`, for which this page has no use. */
type Answer<P extends ContentPath> = P extends '/v1/content/articles'
  ? components['schemas']['ContentArticleItems']
  : Shown<P>
type Asked<P extends ContentPath> = (Parameters<P> extends { path: infer Parts } ? Parts : unknown) &
  (Parameters<P> extends { query?: infer Query } ? Query : unknown)

/** Dateline answered with something else than what was asked for; 503 when it did not answer. */
export class Refused extends Error {
  readonly status: number
  readonly retryAfter: string | null
  constructor(status: number, retryAfter: string | null = null) {
    super(`Dateline answered ${status}`)
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** What one page reads, and the headers that came with it. */
export class Reading {
  readonly headers: Headers[] = []
  /** Something was asked for by a former name, and found behind a redirect. */
  moved = false
  readonly #base: string
  readonly #timeoutMs: number
  constructor(base: string, timeoutMs: number) {
    this.#base = base
    this.#timeoutMs = timeoutMs
  }

  /** `get('/v1/content/tags/{slug}', { slug, locale })`. Throws `Refused`. */
  async get<P extends ContentPath>(path: P, asked: Asked<P>): Promise<Answer<P>> {
    const query = new URLSearchParams()
    let address: string = path
    for (const [name, value] of Object.entries(asked as Record<string, string | number | undefined>)) {
      if (address.includes(`{${name}}`))
        address = address.replace(`{${name}}`, encodeURIComponent(String(value)))
      else if (value !== undefined) query.set(name, String(value))
    }
    const signal = AbortSignal.timeout(this.#timeoutMs)
    try {
      const response = await fetch(`${this.#base}${address}?${query}`, { signal })
      if (!response.ok) throw new Refused(response.status, response.headers.get('retry-after'))
      const answer = (await response.json()) as Answer<P>
      this.headers.push(response.headers)
      this.moved ||= response.redirected
      return answer
    } catch (error) {
      throw error instanceof Refused ? error : new Refused(503)
    }
  }

  /** A page may be kept no longer than the shortest-lived answer it was made of. */
  cacheControl(): string {
    const all = this.headers.map((headers) => headers.get('cache-control') ?? 'no-store')
    if (all.some((one) => /no-store|private/.test(one))) return 'private, no-store'
    if (all.some((one) => /no-cache/.test(one))) return 'public, no-cache'
    const least = (name: string, otherwise = '0') =>
      Math.min(
        ...all.map((one) => Number(new RegExp(`(?<![\\w-])${name}=(\\d+)`).exec(one)?.[1] ?? otherwise))
      )
    return `public, max-age=${least('max-age')}, s-maxage=${least('s-maxage')}, stale-while-revalidate=${least('stale-while-revalidate')}`
  }

  /** Everything whose change changes the page, so that a CDN can drop it. */
  surrogateKeys(): string {
    return [
      ...new Set(this.headers.flatMap((headers) => headers.get('surrogate-key')?.split(' ') ?? []))
    ].join(' ')
  }
}
