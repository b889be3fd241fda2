/** Many new articles put on the timeline at once, as an import brings them. */
import { v7 as uuid } from 'uuid'
import { contentFrom } from '../articles/content.ts'
import type { ArticleView } from '../articles/reading.ts'
import { type Actor, type Deed, noteAll } from '../audit/audit.ts'
import { shownByEach } from '../content/keys.ts'
import type { Transaction } from '../database/database.ts'
import { type Fact, tellAll } from '../events/outbox.ts'
import type { Caller } from '../http/access.ts'
import { makeShareLinks } from '../share-links/default-links.ts'
import { insertFirstPublications } from './publications.ts'
import { factOf, windowOf } from './publishing.ts'
import { type Row, type Timeline, withRow } from './timeline.ts'

/** Moments may lie in the past; none is twice. */
export type Beginning = { article: ArticleView; moments: Date[] }

/**
 * As `publish` at each of the moments, for articles that were made in this transaction by the same person: they have one
 * version, no timeline yet, and nobody else knows of them. Each moment has its event and its audit row.
 */
export async function publishNew(tx: Transaction, actor: Actor, user: Caller, beginnings: Beginning[]) {
  const news = beginnings.filter(({ moments }) => moments.length > 0)
  if (news.length === 0) return
  const timelines = news.map(({ article, moments }) => ({ article, ...timelineOf(article, moments) }))
  await insertFirstPublications(
    tx,
    user,
    timelines.map(({ article, rows }) => ({ article, rows, content: contentFrom(article) }))
  )
  const ids = news.map(({ article }) => article.id)
  await tx.query(makeShareLinks, [ids])
  const keys = new Map<string, string[]>(ids.map((id) => [id, []]))
  for (const { id, key } of await tx.query<{ id: string; key: string }>(shownByEach, [ids]))
    keys.get(id)?.push(key)
  const [clock] = await tx.query<{ now: Date }>({ text: 'SELECT clock_timestamp() AS now' }, [])
  const { now } = clock as { now: Date }
  const facts: Fact[] = []
  const deeds: Deed[] = []
  for (const { article, steps } of timelines) {
    for (const { id, version, from, until } of steps) {
      const publication = { id, version, slug: article.slug, liveFrom: from, liveUntil: until }
      const type = from > now ? 'article.scheduled' : 'article.published'
      facts.push(factOf(article, type, publication, keys.get(article.id) ?? []))
      deeds.push({
        ...{ action: 'article.published', resource: 'article', resourceId: article.id },
        ...{ fields: ['liveFrom'], details: windowOf(publication) }
      })
    }
  }
  await tellAll(tx, facts)
  await noteAll(tx, actor, deeds)
}

/** The rows as they are in the end, and each as it was when it came: what is told of it. */
function timelineOf({ version }: ArticleView, moments: Date[]) {
  let rows: Timeline = []
  const steps: Row[] = []
  for (const from of moments) {
    const id = uuid()
    rows = withRow(rows, { id, version, from })
    steps.push(rows.find((row) => row.id === id) as Row)
  }
  return { rows, steps }
}
