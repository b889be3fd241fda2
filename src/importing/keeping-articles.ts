/** Articles of another system, kept as ours: through the same functions an editor's requests go through. */

import { freeSlug, queuedSlug } from '../articles/article-slugs.ts'
import { createArticle } from '../articles/articles.ts'
import { NewArticle } from '../articles/schema.ts'
import { readBody } from '../body/input.ts'
import type { Database, Transaction } from '../database/database.ts'
import { publish } from '../publishing/publishing.ts'
import { createRedirects } from '../redirects/many.ts'
import { slugCandidates } from '../slugs.ts'
import { type Converted, converted } from './converting.ts'
import type { ForeignArticle } from './foreign.ts'
import { findImported, noteImported } from './imported.ts'
import type { Line } from './report.ts'
import { inOneTransaction, type Run, reasonOf } from './run.ts'
import { owned } from './texts.ts'

/** Keeps a few of them in one transaction, each on its own, and tells of them in their order. */
export async function keepArticles(run: Run, batch: ForeignArticle[]) {
  const known = await findImported(
    run.db,
    run.source,
    'article',
    batch.map(({ key }) => key)
  )
  const lines = new Map<string, Line>()
  const fresh: Converted[] = []
  for (const article of batch) {
    const { key } = article
    if (known.has(key)) lines.set(key, { ...about(article), fate: 'already there', lost: [] })
    else if (fresh.some((other) => other.key === key))
      run.tell({ ...about(article), fate: 'refused', lost: ['is there twice in the file'] })
    else {
      try {
        const made = converted(run, article)
        run.check(NewArticle, made.input, '')
        fresh.push(made)
      } catch (error) {
        lines.set(key, {
          ...about(article),
          fate: 'refused',
          lost: [reasonOf(error), ...article.lost.lines()]
        })
      }
    }
  }
  const headlines = new Map(batch.map((article) => [article.key, about(article)]))
  const of = ({ key }: Converted) => headlines.get(key) ?? { kind: 'article', key }
  const settled = run.dryRun
    ? await inTurn(fresh, (one) => tried(run, one, of(one)))
    : fresh.length > 0
      ? await inOneTransaction(run, fresh, (db, tx, one) => keep(run, db, tx, one, of(one)), of)
      : []
  for (const line of settled) lines.set(line.key, line)
  for (const { key } of batch) {
    const line = lines.get(key)
    lines.delete(key)
    if (line) run.tell(line)
  }
}

const about = ({ key, headline }: ForeignArticle): Pick<Line, 'kind' | 'key' | 'title'> => ({
  kind: 'article',
  key,
  ...(headline && { title: headline.slice(0, 200) })
})

type About = ReturnType<typeof about>

async function inTurn<T>(things: T[], work: (thing: T) => Promise<Line>): Promise<Line[]> {
  const lines: Line[] = []
  for (const thing of things) lines.push(await work(thing))
  return lines
}

async function keep(run: Run, db: Database, tx: Transaction, one: Converted, told: About): Promise<Line> {
  const { input, slug: wanted, liveFrom, changedAt, paths } = one
  const lost = [...one.lost]
  const slug = wanted === null ? undefined : await queuedSlug(tx, run.locale, wanted, null)
  if (slug !== undefined && slug !== wanted) lost.push(`slug ${wanted} is taken: ${slug}`)
  const article = await createArticle(db, run.actor, run.user, { ...input, ...(slug && { slug }) })
  for (const moment of [liveFrom, changedAt]) {
    if (!moment) continue
    const order = { liveFrom: moment.toISOString() }
    await publish(db, run.actor, run.user, article.id, new Set([article.version]), order, { past: true })
  }
  const made = new Set(await createRedirects(tx, run.actor, run.user, article.storyId, paths))
  lost.push(...paths.filter((path) => !made.has(path)).map(leadsElsewhere))
  await noteImported(tx, run.source, 'article', one.key, article.id)
  return { ...told, fate: 'kept', lost }
}

/** What `keep` would do, as far as it can be known without doing it. */
async function tried(run: Run, one: Converted, told: About): Promise<Line> {
  const { input, slug: wanted, paths } = one
  const lost = [...one.lost]
  try {
    if (input.body) readBody(input.body)
  } catch (error) {
    return { ...told, fate: 'refused', lost: [reasonOf(error), ...lost] }
  }
  if (wanted !== null) {
    const slug = await freeNow(run, wanted)
    if (slug !== wanted) lost.push(`slug ${wanted} is taken: ${slug}`)
  }
  const there = await run.db.prisma.redirect.findMany({
    where: { path: { in: paths } },
    select: { path: true }
  })
  const taken = new Set(there.map(({ path }) => path))
  for (const path of paths) {
    if (taken.has(path) || run.taken.has(`path ${path}`)) lost.push(leadsElsewhere(path))
    run.taken.add(owned(`path ${path}`))
  }
  return { ...told, fate: 'kept', lost }
}

const leadsElsewhere = (path: string) => `old address leads elsewhere already: ${path.slice(0, 200)}`

async function freeNow(run: Run, wanted: string) {
  const free = await freeSlug(run.db, run.locale, wanted, null)
  const isTaken = (slug: string) => run.taken.has(`article ${slug}`)
  const slug = isTaken(free)
    ? (slugCandidates(wanted).find((candidate) => candidate > free && !isTaken(candidate)) ?? `${wanted}-x`)
    : free
  run.taken.add(owned(`article ${slug}`))
  return slug
}
