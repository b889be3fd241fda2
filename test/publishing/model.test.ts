/**
 * Random sequences of editing calls by several roles, each answer and what it leaves compared with the model in
 * `model.ts`. The same sequences each time, so that a change is judged by what it changes; MODEL_SEED=random plays others.
 * MODEL_RUNS says how many; MODEL_SEED and MODEL_PATH repeat what a failure tells.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { ask } from '../articles/ledger.ts'
import { type Answer, newsroom, tag, unique } from '../helper.ts'
import { type Command, callOf, type Sequence, type Stage, sequence } from './commands.ts'
import { type Article, letPass, Refused, type Role, type Told } from './model.ts'
import {
  boundaries,
  listed,
  seen,
  shownToEditors,
  slugsOf,
  stateOf,
  told,
  workingCopyTold,
  written
} from './model-readers.ts'

const HOUR = 3_600_000
// The same from the beginning on: fewer of them embedded, where each takes twice as long.
const USUAL_RUNS = process.env.TEST_DATABASE_URL ? '500' : '60'
const { MODEL_RUNS = USUAL_RUNS, MODEL_SEED = '1124', MODEL_PATH = '' } = process.env
// Slow machines take longer than other files may, and a failure takes some time to be shrunk. No measure of speed: a tenth
// of it is usual.
const longest = Number(MODEL_RUNS) * 8_000
t.setTimeout(longest + 60_000)
const room = await newsroom(t)
const { api } = room
const [first, second] = [await tag(room), await tag(room)]
const tags = [first.id, second.id]
const readClock = async () => (await ask<Date>(room, 'SELECT clock_timestamp()')).getTime()

/**
 * The articles a sequence may be about, by three people in one locale, and a translation of the first. Two of them had
 * the same slug in turn, and so may want it at the same time.
 */
type Part = { owner: Role; locale: string; slugs: (string | null)[] }
const parts: Part[] = [
  { owner: 'author', locale: 'en', slugs: ['a', 'b'] },
  { owner: 'editor', locale: 'en', slugs: ['a', 'c'] },
  { owner: 'contributor', locale: 'en', slugs: [null] },
  { owner: 'author', locale: 'ru', slugs: ['b'] }
]

t.test('random sequences of editing calls do what the rules say', async (t) => {
  const tally: Record<string, number> = {}
  await fc.assert(
    fc.asyncProperty(sequence, (drawn) => play(drawn, tally)),
    {
      numRuns: Number(MODEL_RUNS),
      ...(MODEL_SEED !== 'random' && { seed: Number(MODEL_SEED), path: MODEL_PATH }),
      interruptAfterTimeLimit: longest,
      markInterruptAsFailure: true
    }
  )
  t.comment(
    Object.entries(tally)
      .sort()
      .map(([name, count]) => `${name}: ${count}`)
      .join('\n')
  )
  t.pass(`${MODEL_RUNS} sequences without a difference`)
})

async function play({ cast, commands }: Sequence, tally: Record<string, number>) {
  const stage = await begin(cast)
  const done: string[] = []
  try {
    for (const one of commands) {
      const { deed, article, refused } = await perform(one, stage, tally)
      done.push(deed)
      // What a refused call has changed in spite of that shows after the next one, or in the end.
      if (refused) continue
      if (article && one.do !== 'patch') await compareArticle(article, stage)
      if (one.do === 'withdraw' || one.do === 'reinstate') await lookAtSlugs(stage)
      await lookSomewhere(stage, one.readers)
    }
    done.push('in the end')
    for (const article of stage.articles) await compareArticle(article, stage)
    await lookEverywhere(stage, commands[0]?.readers ?? 0)
  } catch (error) {
    throw new Error(`${(error as Error).message}\n  after: ${done.join('\n         ')}`)
  } finally {
    // What lists have to look through stays small.
    const ids = stage.articles.map(({ id }) => id)
    await room.db.query({ text: 'DELETE FROM articles WHERE id = ANY ($1::uuid[])' }, [ids])
  }
}

// ---- Writing ---------------------------------------------------------------------------------------------------------

async function begin(cast: number[]): Promise<Stage> {
  const name = unique('m')
  const start = await readClock()
  const articles: Article[] = []
  for (const { owner, locale, slugs } of cast.map((index) => parts[index] as Part)) {
    const [one, two] = slugs.map((slug) => slug && `${name}-${slug}`)
    const headline = `${name} zero`
    const body = {
      locale,
      headline,
      ...(one && { slug: one }),
      tags: [first.id],
      source: { name, url: 'https://tide.example/' }
    }
    const { id, storyId } = (await api('POST /v1/articles', { as: owner, body, expect: 201 })).body
    const revisions = [{ headline, slug: one ?? `${name}-zero`, tags: [first.id] }]
    if (two) {
      revisions.push({ headline, slug: two, tags: [first.id] })
      await api(`PATCH /v1/articles/${id}`, { as: owner, ifMatch: 1, body: { slug: two }, expect: 200 })
    }
    articles.push({
      id,
      locale,
      owner,
      story: locale === 'ru' ? (articles[0]?.story as string) : storyId,
      revisions,
      follows: !one,
      trashed: false,
      withdrawn: false,
      rows: []
    })
  }
  const [original] = articles
  const translation = articles.find(({ locale }) => locale === 'ru')
  if (translation) {
    const text = 'UPDATE articles SET story_id = $1::uuid WHERE id = $2::uuid'
    await room.db.query({ text }, [original?.story, translation.id])
  }
  return { articles, name, tags, clock: start, hour: (index) => start + (index - 0.5) * HOUR }
}

/** Does it in the service and in the model, and compares the answers. Tells what was done, and to what. */
async function perform(
  one: Command,
  stage: Stage,
  tally: Record<string, number>
): Promise<{ deed: string; article?: Article; refused?: boolean }> {
  const count = (what: string) => {
    tally[`${one.do} ${what}`] = (tally[`${one.do} ${what}`] ?? 0) + 1
  }
  if (one.do === 'pass') {
    await shift(stage.articles, one.hours)
    letPass(stage.articles, one.hours * HOUR)
    count('')
    return { deed: `${one.hours} hours pass` }
  }
  const { article, request, options, expected } = callOf(one, stage)
  const answer = await api(request, options)
  const before = stage.clock
  if (answer.status < 300) stage.clock = await readClock()
  const now = momentOf(one, answer, before, stage.clock)
  const { as, ifMatch, body } = options
  const deed = `${as}: ${request} ${JSON.stringify({ ifMatch, body })} → ${answer.status} ${answer.body?.code ?? ''}`
  let told: Told
  try {
    told = expected(now, answer.body?.slug ?? '')
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const got = `${answer.status} ${answer.body?.code}`
    if (!error.reasons.includes(got))
      throw new Error(`${deed} ${answer.text.slice(0, 300)}, not ${error.message}`)
    count(got)
    return { deed, article, refused: true }
  }
  same(`${deed}: ${answer.text.slice(0, 300)}: the status`, answer.status, told.status)
  if (one.do === 'patch')
    same(`${deed}: the answer`, copyOf(answer.body), workingCopyTold(article, stage.clock + 1))
  if (told.row) {
    if (told.status === 201) told.row.id = answer.body.id
    const state = told.state ?? stateOf(article, told.row, now)
    same(`${deed}: the answer`, pick(answer.body), shownToEditors(article, told.row, state))
  }
  count(`${answer.status} ${told.state ?? ''}`)
  return { deed, article }
}

/** The moment the service took for now, if it tells of one that can be; else one it must have been after. */
function momentOf({ do: deed }: Command, { status, body }: Answer, before: number, after: number): number {
  if (status >= 300 || !body) return before
  const told = Date.parse(['publish', 'change'].includes(deed) ? body.liveFrom : body.liveUntil)
  return told >= before && told <= after + 1 ? told : before
}

/** Time passes: everything on the timeline is so much longer ago. */
async function shift(articles: Article[], hours: number) {
  const text = `WITH passed AS (SELECT $1::int * interval '1 hour' AS by),
    tags AS (UPDATE publication_tags SET published_at = published_at - (SELECT by FROM passed) WHERE article_id = ANY ($2::uuid[])),
    authors AS (UPDATE publication_authors SET published_at = published_at - (SELECT by FROM passed) WHERE article_id = ANY ($2::uuid[]))
    UPDATE publications SET live_from = live_from - (SELECT by FROM passed), live_until = live_until - (SELECT by FROM passed),
      planned_until = planned_until - (SELECT by FROM passed), published_at = published_at - (SELECT by FROM passed)
    WHERE article_id = ANY ($2::uuid[])`
  await room.db.query({ text }, [hours, articles.map(({ id }) => id)])
}

// ---- Comparing -------------------------------------------------------------------------------------------------------

function same(what: string, got: unknown, wanted: unknown) {
  if (isDeepStrictEqual(got, wanted)) return
  const lines = (value: unknown) => JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, ' ')
  throw new Error(`${what}\n  is  ${lines(got)}\n  not ${lines(wanted)}`)
}

const pick = ({
  id,
  version,
  slug,
  headline,
  state,
  liveFrom,
  liveUntil,
  plannedUntil,
  correction,
  minor,
  publishedAt
}: Answer['body']) => ({
  id,
  version,
  slug,
  headline,
  state,
  liveFrom,
  liveUntil,
  plannedUntil,
  correction,
  minor,
  publishedAt
})

const copyOf = ({ headline, slug, tags, version, trashedAt, publication }: Answer['body']) => ({
  headline,
  slug,
  tags,
  version,
  trashed: trashedAt !== null,
  publication
})

/** The working copy and the whole timeline, as editors are told. */
async function compareArticle(article: Article, { articles, clock }: Stage) {
  const now = clock + 1
  const which = `article ${articles.indexOf(article)}`
  const [{ body }, { body: list }] = await Promise.all([
    api(`GET /v1/articles/${article.id}`, { as: 'editor', expect: 200 }),
    api(`GET /v1/articles/${article.id}/publications?limit=100`, { as: 'editor', expect: 200 })
  ])
  same(which, copyOf(body), workingCopyTold(article, now))
  same(`the timeline of ${which}`, list.data.map(pick), told(article, now))
}

const read = ({ id, locale, slug, headline, tags, publishedAt, updatedAt, corrections }: Answer['body']) => ({
  id,
  locale,
  slug,
  headline,
  tags: tags.map((one: { id: string }) => one.id),
  publishedAt,
  updatedAt,
  corrections
})

/** An article by a slug, now (without `at`) or at a moment. */
async function compareSeen({ articles, clock }: Stage, slug: string, locale: string, at: number | null) {
  const query = at === null ? '' : `&at=${written(at)}`
  const now = at ?? clock + 1
  const path = `/v1/content/articles/${slug}?locale=${locale}${query}`
  const answer = await api(`GET ${path}`, at === null ? {} : { as: 'editor' })
  const { status, body, headers } = answer
  const location = new URL(headers.get('location') ?? '/', room.url)
  const got =
    status === 200
      ? {
          status,
          article: {
            ...read(body),
            translations: body.translations.map((one: { locale: string; slug: string }) => ({
              locale: one.locale,
              slug: one.slug
            }))
          }
        }
      : status === 301
        ? { status, slug: location.pathname.split('/').at(-1), locale: location.searchParams.get('locale') }
        : { status }
  same(`readers: ${path}`, got, seen(articles, slug, locale, now))
}

/**
 * Everything that is live at a moment, as the list tells it; or what of it has a tag and was published by then, which
 * another index knows.
 */
async function compareListed(
  { articles, name, clock }: Stage,
  locale: string,
  at: number | null,
  byTag = false
) {
  const now = at ?? clock + 1
  const filter = byTag ? `tag=${first.slug}&publishedBefore=${written(now + 1)}` : `source=${name}`
  const path = `/v1/content/articles?${filter}&locale=${locale}${at === null ? '' : `&at=${written(at)}`}`
  const { body } = await api(`GET ${path}`, { ...(at !== null && { as: 'editor' }), expect: 200 })
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
  const wanted = listed(articles, locale, now).filter((one) => !byTag || one.tags.includes(first.id))
  same(`readers: ${path}`, body.data.map(read).sort(byId), wanted.sort(byId))
}

const allSlugs = (articles: Article[]) => [...new Set(articles.flatMap((one) => [...slugsOf(one)]))]
/** Just before, at and after each boundary; null is now. */
const moments = (articles: Article[]) => [
  null,
  ...boundaries(articles).flatMap((moment) => [moment - 1, moment, moment + 1])
]
const localesOf = (articles: Article[]) => [...new Set(articles.map(({ locale }) => locale))]

async function lookSomewhere(stage: Stage, turn: number) {
  const { articles } = stage
  const one = <T>(list: T[]) => list[turn % list.length] as T
  await compareSeen(stage, one(allSlugs(articles)), one(localesOf(articles)), one(moments(articles)))
}

/** Each slug in each locale, now. */
async function lookAtSlugs(stage: Stage) {
  for (const locale of localesOf(stage.articles))
    for (const slug of allSlugs(stage.articles)) await compareSeen(stage, slug, locale, null)
}

/** Lists and each slug now; lists just before and at each boundary; a slug in turn just before, at or after one. */
async function lookEverywhere(stage: Stage, turn: number) {
  const { articles } = stage
  const slugs = allSlugs(articles)
  const locales = localesOf(articles)
  for (const locale of locales) await compareListed(stage, locale, null)
  for (const [index, slug] of slugs.entries())
    await compareSeen(stage, slug, locales[(turn + index) % locales.length] as string, null)
  for (const [index, moment] of boundaries(articles).entries()) {
    const nth = turn + index
    await compareSeen(
      stage,
      slugs[nth % slugs.length] as string,
      locales[nth % locales.length] as string,
      moment + (nth % 3) - 1
    )
    for (const locale of locales) {
      const moves = articles.some(
        (one) =>
          one.locale === locale && one.rows.some(({ from, until }) => from === moment || until === moment)
      )
      if (!moves) continue
      await compareListed(stage, locale, moment - 1, nth % 2 === 0)
      await compareListed(stage, locale, moment, nth % 2 === 1)
    }
  }
}
