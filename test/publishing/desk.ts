/** An editor at the timeline: writes, publishes, and looks at it as the database has it. */
import { ask } from '../articles/ledger.ts'
import type { Article } from '../articles/states.ts'
import { draft, type Newsroom, type Options, unique } from '../helper.ts'

export type Row = {
  version: number
  from: string
  until: string | null
  planned: string | null
  published: string
}

export function desk(room: Newsroom) {
  const { api } = room
  const as = 'editor' as const
  const clock = () => ask<Date>(room, 'SELECT clock_timestamp()')
  return {
    clock,
    /** So many milliseconds from now, by the database's clock. */
    soon: async (milliseconds: number) => new Date((await clock()).getTime() + milliseconds).toISOString(),
    write: (fields: object = {}): Promise<Article> =>
      draft(room, { headline: unique('Headline'), standfirst: '', body: { markdown: 'Plain.' }, ...fields }),
    read: async ({ id }: Article): Promise<Article> =>
      (await api(`GET /v1/articles/${id}`, { as, expect: 200 })).body,
    patch: async ({ id, version }: Article, body: object): Promise<Article> =>
      (await api(`PATCH /v1/articles/${id}`, { as, ifMatch: version, body, expect: 200 })).body,
    /** Publishes, and answers with the publication. */
    publish: async ({ id, version }: Article, body: object = {}, options: Options = {}) =>
      (
        await api(`POST /v1/articles/${id}/publications`, {
          as,
          ifMatch: version,
          body,
          expect: 201,
          ...options
        })
      ).body,
    change: ({ articleId, id }: Article, body: object, options: Options = {}) =>
      api(`PATCH /v1/articles/${articleId}/publications/${id}`, { as, body, ...options }),
    cancel: ({ articleId, id }: Article, options: Options = {}) =>
      api(`DELETE /v1/articles/${articleId}/publications/${id}`, { as, ...options }),
    unpublish: ({ id }: Article, options: Options = {}) =>
      api(`POST /v1/articles/${id}/unpublish`, { as, ...options }),
    withdraw: ({ id }: Article, options: Options = {}) =>
      api(`POST /v1/articles/${id}/withdraw`, { as, body: { reason: 'Court order' }, ...options }),
    reinstate: ({ id }: Article, options: Options = {}) =>
      api(`POST /v1/articles/${id}/reinstate`, { as, ...options }),
    seen: ({ slug }: Article, options: Options = {}) => api(`GET /v1/content/articles/${slug}`, options),
    /** What readers will see, or saw, at a moment. */
    seenAt: ({ slug }: Article, at: string, options: Options = {}) =>
      api(`GET /v1/content/articles/${slug}?at=${encodeURIComponent(at)}`, { as, ...options }),
    /** The article's rows, earliest first. */
    timeline: async ({ id }: Article): Promise<Row[]> => {
      const text = `SELECT version, live_from, live_until, planned_until, published_at FROM publications WHERE article_id = $1::uuid ORDER BY live_from`
      const rows = await room.db.query<{
        version: number
        live_from: Date
        live_until: Date | null
        planned_until: Date | null
        published_at: Date
      }>({ text }, [id])
      return rows.map((row) => ({
        version: row.version,
        from: row.live_from.toISOString(),
        until: row.live_until?.toISOString() ?? null,
        planned: row.planned_until?.toISOString() ?? null,
        published: row.published_at.toISOString()
      }))
    }
  }
}

// Years no test lives to see, in order.
export const [Y2088, Y2089, Y2090, Y2091, Y2092] = [2088, 2089, 2090, 2091, 2092].map(
  (year) => `${year}-01-01T00:00:00.000Z`
) as [string, string, string, string, string]
