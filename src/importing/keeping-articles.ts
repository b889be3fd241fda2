/** Articles of another system, kept as ours: through the same functions an editor's requests go through. */
import { freeSlugs, queuedSlugs } from '../articles/article-slugs.ts'
import { createWithin } from '../articles/articles.ts'
import type { ArticleView } from '../articles/reading.ts'
import { NewArticle } from '../articles/schema.ts'
import { readBody } from '../body/input.ts'
import type { Transaction } from '../database/database.ts'
import { publishNew } from '../publishing/many.ts'
import { createRedirects } from '../redirects/many.ts'
import { slugFrom } from '../slugs.ts'
import { type Converted, converted } from './converting.ts'
import { type ForeignArticle, isLine } from './foreign.ts'
import { findImported, isTwice, noteImported, TWICE } from './imported.ts'
import type { Line } from './report.ts'
import { allInOneTransaction, type Run, reasonOf } from './run.ts'
import { owned } from './texts.ts'

type About = Pick<Line, 'kind' | 'key' | 'title'>
type Fresh = Converted & { about: About }

/** A few things of the file in their order: what is told already, and what is to be kept. */
export type Batch = (Line | Fresh)[]

const isFresh = (one: Line | Fresh): one is Fresh => 'about' in one

/** What is here already or cannot be kept is told; the rest is made what an editor would send. Nothing is written. */
export async function readyArticles(run: Run, given: (ForeignArticle | Line)[]): Promise<Batch> {
  const keys = given.flatMap((one) => (isLine(one) ? [] : [one.key]))
  const known = keys.length > 0 ? await findImported(run.db, run.source, 'article', keys) : new Map()
  return given.map((one) => {
    if (isLine(one)) return one
    const told = about(one)
    if (isTwice(run.met, 'article', one.key)) return { ...told, fate: 'refused', lost: [TWICE] }
    if (known.has(one.key)) return { ...told, fate: 'already there', lost: [] }
    try {
      const made = converted(run, one)
      run.check(NewArticle, made.input, '')
      return { ...made, about: told }
    } catch (error) {
      return { ...told, fate: 'refused', lost: [reasonOf(error), ...one.lost.lines()] }
    }
  })
}

/** Keeps them in one transaction, each whole or not at all, and tells of all in their order. */
export async function keepArticles(run: Run, batch: Batch) {
  const fresh = batch.filter(isFresh)
  const lines = run.dryRun
    ? await tried(run, fresh)
    : fresh.length > 0
      ? await allInOneTransaction(
          run,
          fresh,
          (tx, part) => keep(run, tx, part),
          ({ about }) => about
        )
      : []
  const settled = lines.values()
  for (const one of batch) run.tell(isFresh(one) ? (settled.next().value as Line) : one)
}

const about = ({ key, headline }: ForeignArticle): About => ({
  kind: 'article',
  key,
  ...(headline && { title: headline.slice(0, 200) })
})

/** The slug it would like to have, or one made from its headline. */
const baseOf = ({ slug, input }: Converted) => slug ?? slugFrom(input.headline, 'article')

type Made = Pick<Fresh, 'key' | 'moments' | 'paths'> & { article: ArticleView }

async function keep(run: Run, tx: Transaction, articles: Fresh[]): Promise<Line[]> {
  const slugs = await queuedSlugs(tx, run.locale, articles.map(baseOf))
  const made: Made[] = []
  for (const [index, { input, slug: wanted, ...one }] of articles.entries()) {
    const slug = slugs[index] as string
    const chosen = wanted === null ? input : { ...input, slug }
    made.push({ ...one, article: await createWithin(tx, run.actor, run.user, chosen, slug) })
  }
  await publishNew(tx, run.actor, run.user, made)
  const paths = made.flatMap(({ article, paths }) =>
    paths.map((path) => ({ path, storyId: article.storyId }))
  )
  const leads = await createRedirects(tx, run.actor, run.user, paths)
  await noteImported(
    tx,
    run.source,
    'article',
    made.map(({ key, article }) => [key, article.id])
  )
  return articles.map((one, index) => {
    const { article } = made[index] as Made
    const elsewhere = one.paths.filter((path) => leads.get(path) !== article.storyId)
    const lost = [...one.lost, ...slugLost(one, article.slug), ...elsewhere.map(leadsElsewhere)]
    return { ...one.about, fate: 'kept', lost }
  })
}

const slugLost = ({ slug: wanted }: Converted, slug: string) =>
  wanted === null || wanted === slug ? [] : [`slug ${wanted} is taken: ${slug}`]

const leadsElsewhere = (path: string) => `old address leads elsewhere already: ${path.slice(0, 200)}`

/** What `keep` would do, as far as it can be known without doing it. */
async function tried(run: Run, articles: Fresh[]): Promise<Line[]> {
  const faults = articles.map(({ input }) => {
    try {
      if (input.body) readBody(input.body)
      return null
    } catch (error) {
      return reasonOf(error)
    }
  })
  const good = articles.filter((_, index) => faults[index] === null)
  const slugs = await freeSlugs(run.db, run.locale, good.map(baseOf).map(owned), run.slugs)
  const there = await run.db.prisma.redirect.findMany({
    where: { path: { in: good.flatMap(({ paths }) => paths) } },
    select: { path: true }
  })
  const taken = new Set(there.map(({ path }) => path))
  const slug = slugs.values()
  return articles.map((one, index) => {
    const fault = faults[index]
    if (fault) return { ...one.about, fate: 'refused', lost: [fault, ...one.lost] }
    const elsewhere = one.paths.filter((path) => taken.has(path) || run.taken.has(`path ${path}`))
    for (const path of one.paths) run.taken.add(owned(`path ${path}`))
    const lost = [
      ...one.lost,
      ...slugLost(one, slug.next().value as string),
      ...elsewhere.map(leadsElsewhere)
    ]
    return { ...one.about, fate: 'kept', lost }
  })
}
