/** Articles in every state, and tables of who may do what to them. */
import type { Test } from 'tap'
import { type Answer, draft, everyone, type Newsroom, type Options, roles, type Who } from '../helper.ts'

export const states = ['draft', 'in review', 'live', 'trashed'] as const
export type State = (typeof states)[number]
// biome-ignore lint/suspicious/noExplicitAny: an article as the API shows it; what is not there fails the test
export type Article = any

/** Somebody's article in a state, as an admin sees it. */
export async function articleIn(room: Newsroom, state: State, as: Who): Promise<Article> {
  const { api, db } = room
  const live = state === 'live'
  const { id } = await draft(
    room,
    live ? { as, headline: `Ours of ${as}`, standfirst: '', body: { markdown: 'Yes.' } } : { as }
  )
  if (state === 'in review') {
    await db.query({ text: `UPDATE articles SET stage = 'in_review' WHERE id = $1::uuid` }, [id])
  }
  if (live)
    await api(`POST /v1/articles/${id}/publications`, { as: 'admin', ifMatch: 1, body: {}, expect: 201 })
  if (state === 'trashed') await api(`DELETE /v1/articles/${id}`, { as: 'admin', ifMatch: 1, expect: 204 })
  return (await api(`GET /v1/articles/${id}`, { as: 'admin', expect: 200 })).body
}

/** For each who: the statuses for an article of their own, then of others: draft, in review, live, trashed. */
export type Table = Record<Who, readonly [own: string, others: string]>

type Call = (article: Article) => readonly [request: string, options?: Options]

/** Makes the call as everybody, on their own articles and on others', in every state. */
export async function whoMay(t: Test, room: Newsroom, call: Call, table: Table) {
  const kept = new Map<string, Article>()
  for (const who of everyone) {
    const [own, others] = table[who]
    const other = roles.find((role) => role !== who && role !== 'contributor') ?? 'editor'
    for (const [whose, maker, row] of [
      ['own', who, own],
      ['others’', other, others]
    ] as const) {
      if (!row) continue
      const wanted = row.split(' ')
      const got: string[] = []
      for (const state of states) {
        const key = `${maker} ${state}`
        const article = kept.get(key) ?? (await articleIn(room, state, maker))
        const [request, options] = call(article)
        const answer: Answer = await room.api(request, { ...options, as: who })
        got.push(String(answer.status))
        // What was changed is no longer in that state.
        if (answer.status < 300 && !request.startsWith('GET')) kept.delete(key)
        else kept.set(key, article)
      }
      t.same(got, wanted, `${who}, ${whose}: ${states.join(', ')}`)
    }
  }
}
