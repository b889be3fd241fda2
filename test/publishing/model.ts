/**
 * The rules of the timeline, of who may do what, and of what readers see, stated a second time: from the contract, and
 * without a look at how the service keeps them. Moments are milliseconds; an open end is Infinity.
 */

export type Role = 'contributor' | 'author' | 'editor'
export type Content = { headline: string; slug: string; tags: string[] }
export type Match = 'right' | 'stale' | 'missing'

export type Row = {
  id: string
  version: number
  from: number
  until: number
  /** The end its editor asked for. */
  planned: number
  correction: string | null
  minor: boolean
}

export type Article = {
  id: string
  locale: string
  owner: Role
  /** Joins translations. */
  story: string
  /** The content at version 1, 2, … */
  revisions: Content[]
  /** Whether the slug is made from the headline, and not chosen. */
  follows: boolean
  trashed: boolean
  withdrawn: boolean
  /** Earliest first. */
  rows: Row[]
}

/** What a publication is asked to be; members left out are undefined, an open end is null. */
export type Wish = {
  liveFrom?: number
  liveUntil?: number | null
  version?: number
  correction?: string | null
  minor?: boolean
}

export type State = 'scheduled' | 'live' | 'ended' | 'cancelled' | 'withdrawn'
/** How a call must be answered when it is not refused. */
export type Told = { status: number; row?: Row; state?: State }

/** The call must be refused for one of these reasons: which comes first is not always promised. */
export class Refused extends Error {
  readonly reasons: string[]
  constructor(reasons: string[]) {
    super(reasons.join(' or '))
    this.reasons = reasons
  }
}

export const OPEN = Number.POSITIVE_INFINITY
const GRACE = 60_000
export const fallbacks: Record<string, string[]> = { en: [], ru: ['en'] }

export const versionOf = (article: Article) => article.revisions.length
export const workingCopy = (article: Article) => article.revisions.at(-1) as Content
export const contentOf = (article: Article, { version }: Row) => article.revisions[version - 1] as Content
export const covers = (row: Row, at: number) => row.from <= at && at < row.until
export const liveAt = (article: Article, at: number) => article.rows.find((row) => covers(row, at))
/** First ever live, or to be. */
export const firstLive = ({ rows }: Article) => Math.min(...rows.map(({ from }) => from))

/** The reasons `work` is refused for, if it is. */
function reasonsAgainst(work: () => unknown): string[] {
  try {
    work()
    return []
  } catch (error) {
    if (error instanceof Refused) return error.reasons
    throw error
  }
}

function refuseIf(...reasons: (string | false | undefined)[]) {
  const those = reasons.filter((reason) => typeof reason === 'string')
  if (those.length > 0) throw new Refused(those)
}

const matchRefusal = (match: Match) =>
  ({ right: false as const, stale: '412 stale_version', missing: '428 precondition_required' })[match]

// ---- Who may ---------------------------------------------------------------------------------------------------------

/**
 * A contributor edits own drafts only; an author own articles only. What one may not know of is not found. A missing
 * If-Match may be told first: that tells nothing of the article.
 */
function mayWrite(who: Role, { owner, rows }: Article, match: Match = 'right') {
  const unmatched = match === 'missing' && matchRefusal(match)
  if (who === 'editor' || (who === 'author' && owner === who)) return
  if (who === 'contributor' && owner !== who) refuseIf('404 not_found', unmatched)
  if (who === 'author' || rows.length > 0) refuseIf('403 forbidden', unmatched)
}

function mayPublish(who: Role, { owner }: Article, match: Match = 'right') {
  if (who === 'contributor') refuseIf('403 forbidden')
  if (who === 'author' && owner !== who) refuseIf('403 forbidden', match === 'missing' && matchRefusal(match))
}

// ---- The line --------------------------------------------------------------------------------------------------------

const nextAfter = (rows: Row[], at: number) =>
  Math.min(OPEN, ...rows.filter(({ from }) => from > at).map(({ from }) => from))

/** With one more row: what covers its beginning ends there. An end that was asked for may not be past the next row. */
function put(rows: Row[], row: Row, endAskedFor: boolean): Row[] {
  const next = nextAfter(rows, row.from)
  refuseIf(
    (rows.some(({ from }) => from === row.from) ||
      (endAskedFor && row.planned !== OPEN && row.planned > next)) &&
      '409 timeline_conflict'
  )
  const before = rows.map((other) => (covers(other, row.from) ? { ...other, until: row.from } : other))
  return [...before, { ...row, until: Math.min(row.planned, next) }].sort((a, b) => a.from - b.from)
}

/** Without a row: what it took over from gets back the end it was asked to have. */
function take(rows: Row[], row: Row): Row[] {
  const rest = rows.filter((other) => other !== row)
  return rest.map((other) =>
    other.until === row.from
      ? { ...other, until: Math.min(other.planned, nextAfter(rest, other.from)) }
      : other
  )
}

/** Keeps the rows, unless another article has, or will have, one of their slugs at the same time. */
function keep(articles: Article[], article: Article, rows: Row[]) {
  const promised = articles.some(
    (other) =>
      other !== article &&
      other.locale === article.locale &&
      other.rows.some((theirs) =>
        rows.some(
          (ours) =>
            contentOf(article, ours).slug === contentOf(other, theirs).slug &&
            ours.from < theirs.until &&
            theirs.from < ours.until
        )
      )
  )
  refuseIf(promised && '409 slug_promised')
  article.rows = rows
}

// ---- Working copies --------------------------------------------------------------------------------------------------

const slugIsTaken = (articles: Article[], article: Article, slug: string) =>
  articles.some(
    (other) =>
      other !== article &&
      other.locale === article.locale &&
      !other.trashed &&
      workingCopy(other).slug === slug
  )

/** Whether a slug was made by the rules: the plain one, unless that is taken or once was another's. */
export function isMadeFrom(articles: Article[], article: Article, plain: string, slug: string): boolean {
  const others = articles.filter((other) => other !== article && other.locale === article.locale)
  const used = (candidate: string, trash: boolean) =>
    others.some(
      (other) =>
        other.rows.some((row) => contentOf(other, row).slug === candidate) ||
        ((trash || !other.trashed) && workingCopy(other).slug === candidate)
    )
  // Whether what lies in the trash still holds its slug against a made one is not promised.
  if (slug === plain) return !used(plain, false)
  return slug.startsWith(`${plain}-`) && /^\d+$/.test(slug.slice(plain.length + 1)) && used(plain, true)
}

export type Patch = { headline?: string; slug?: string | null; tags?: string[] }

/** `made` is the slug that the service made, if it had to make one. */
export function patch(
  articles: Article[],
  article: Article,
  who: Role,
  match: Match,
  wish: Patch,
  made: string
): Told {
  mayWrite(who, article, match)
  const { slug: chosen } = wish
  const taken = typeof chosen === 'string' && slugIsTaken(articles, article, chosen)
  refuseIf(
    matchRefusal(match),
    article.trashed && '409 article_trashed',
    taken && chosen !== workingCopy(article).slug && '409 slug_taken'
  )
  const old = workingCopy(article)
  const content = { ...old, ...(wish.headline && { headline: wish.headline }), tags: wish.tags ?? old.tags }
  if (chosen !== undefined) article.follows = chosen === null
  if (typeof chosen === 'string') content.slug = chosen
  // Made anew with the headline until the first publication; later on purpose only.
  const again = article.follows && article.rows.length === 0 && content.headline !== old.headline
  if (chosen === null || again) {
    const plain = content.headline.replaceAll(' ', '-')
    const same = made === old.slug && made.startsWith(plain)
    content.slug = same || isMadeFrom(articles, article, plain, made) ? made : plain
  }
  if (JSON.stringify(content) !== JSON.stringify(old)) article.revisions.push(content)
  return { status: 200 }
}

export function trash(article: Article, who: Role, match: Match, now: number): Told {
  mayWrite(who, article, match)
  refuseIf(
    matchRefusal(match),
    article.trashed && '409 article_trashed',
    article.rows.some(({ until }) => until > now) && '409 article_on_timeline'
  )
  article.trashed = true
  return { status: 204 }
}

export function restore(articles: Article[], article: Article, who: Role, made: string): Told {
  mayWrite(who, article)
  refuseIf(!article.trashed && '409 article_not_trashed')
  const content = workingCopy(article)
  const { slug } = content
  if (slugIsTaken(articles, article, slug)) {
    const suffixed = made.startsWith(`${slug}-`) && !slugIsTaken(articles, article, made)
    article.revisions.push({ ...content, slug: suffixed ? made : `${slug}-2` })
  }
  article.trashed = false
  return { status: 200 }
}

// ---- Publishing ------------------------------------------------------------------------------------------------------

/** `now` is the moment the service took, if it had to take one. */
export function publish(
  articles: Article[],
  article: Article,
  who: Role,
  match: Match,
  wish: Wish,
  now: number
): Told {
  mayPublish(who, article, match)
  const { rows } = article
  const version = wish.version ?? versionOf(article)
  const from = Math.max(wish.liveFrom ?? now, now)
  const planned =
    wish.liveUntil === undefined ? (liveAt(article, from)?.planned ?? OPEN) : (wish.liveUntil ?? OPEN)
  const there = from === now ? liveAt(article, now) : rows.find((row) => row.from === from)
  const same =
    there?.version === version &&
    there.planned === planned &&
    (wish.correction ?? there.correction) === there.correction &&
    (wish.minor ?? there.minor) === there.minor
  const { correction = null, minor = false } = wish
  const row = { id: '', version, from, until: planned, planned, correction, minor }
  const place = () => put(rows, row, wish.liveUntil !== undefined)
  refuseIf(
    matchRefusal(match),
    article.trashed && '409 article_trashed',
    article.withdrawn && '409 article_withdrawn',
    (version > versionOf(article) || (wish.liveFrom ?? now) < now - GRACE || planned <= from) &&
      '400 invalid_request',
    ...(same ? [] : reasonsAgainst(place))
  )
  if (there && same) return { status: 200, row: there }
  keep(articles, article, place())
  return { status: 201, row: article.rows.find((other) => other.from === from) as Row }
}

export function change(
  articles: Article[],
  article: Article,
  who: Role,
  id: string,
  wish: Wish,
  now: number
): Told {
  mayPublish(who, article)
  const { rows } = article
  const row = rows.find((other) => other.id === id)
  if (!row) throw new Refused(['404 not_found'])
  refuseIf(row.until <= now && '409 publication_begun')
  const planned = wish.liveUntil === undefined ? row.planned : (wish.liveUntil ?? OPEN)
  const version = wish.version ?? row.version
  const correction = wish.correction === undefined ? row.correction : wish.correction
  const minor = wish.minor ?? row.minor
  const asked = wish.liveFrom ?? row.from
  const begun = row.from <= now
  const from = begun ? row.from : Math.max(asked, now)
  const other =
    asked !== row.from || version !== row.version || correction !== row.correction || minor !== row.minor
  // Asked to be what it is, it is.
  if (!other && planned === row.planned) return { status: 200, row }
  const moved = { ...row, version, from, planned, correction, minor }
  const place = () => put(take(rows, row), moved, wish.liveUntil !== undefined)
  refuseIf(
    begun && other && '409 publication_begun',
    (version > versionOf(article) ||
      (asked !== row.from && asked < now - GRACE) ||
      planned <= (begun ? now : from)) &&
      '400 invalid_request',
    ...reasonsAgainst(place)
  )
  keep(articles, article, place())
  return { status: 200, row: article.rows.find((one) => one.id === id) as Row }
}

export function cancel(articles: Article[], article: Article, who: Role, id: string, now: number): Told {
  mayPublish(who, article)
  const row = article.rows.find((other) => other.id === id)
  if (!row) throw new Refused(['404 not_found'])
  refuseIf(row.from <= now && '409 publication_begun')
  keep(articles, article, take(article.rows, row))
  return { status: 200, row, state: 'cancelled' }
}

/** What is live at the moment ends there for good; what begins from then on goes. */
function cut(article: Article, moment: number, endsThere: (row: Row) => boolean): Told | undefined {
  const gone = article.rows.filter(({ from }) => from >= moment)
  const last = article.rows.find(endsThere)
  const stays = article.rows.filter((row) => !gone.includes(row))
  article.rows = stays.map((row) => (row === last ? { ...row, until: moment, planned: moment } : row))
  if (last) return { status: 200, row: article.rows.at(-1) as Row }
  if (gone[0]) return { status: 200, row: gone[0], state: 'cancelled' }
  return undefined
}

export function unpublish(article: Article, who: Role, at: number | undefined, now: number): Told {
  mayPublish(who, article)
  refuseIf((at ?? now) < now - GRACE && '400 invalid_request')
  const moment = Math.max(at ?? now, now)
  // What ends exactly then has been taken down before: repeated, it is as it is.
  const endsThere = (row: Row) => row.from < moment && (covers(row, moment) || row.until === moment)
  const told = cut(article, moment, moment === now ? (row) => covers(row, now) : endsThere)
  if (!told) throw new Refused(['409 not_on_timeline'])
  return told
}

export function withdraw(article: Article, who: Role, now: number): Told {
  mayPublish(who, article)
  refuseIf(
    article.trashed && '409 article_trashed',
    article.withdrawn && '409 article_withdrawn',
    article.rows.length === 0 && '409 not_on_timeline'
  )
  const told = cut(article, now, (row) => covers(row, now))
  article.withdrawn = true
  const last = article.rows.at(-1)
  return last ? { status: 200, row: last, state: 'withdrawn' } : (told as Told)
}

export function reinstate(article: Article, who: Role): Told {
  refuseIf(who !== 'editor' && '403 forbidden')
  // Also in the trash: nothing is live again by that.
  refuseIf(!article.withdrawn && '409 article_not_withdrawn')
  article.withdrawn = false
  const last = article.rows.at(-1)
  return last ? { status: 200, row: last, state: 'ended' } : { status: 204 }
}

/** All of the timeline is so much longer ago. */
export function letPass(articles: Article[], milliseconds: number) {
  for (const article of articles) {
    article.rows = article.rows.map((row) => ({
      ...row,
      from: row.from - milliseconds,
      until: row.until - milliseconds,
      planned: row.planned - milliseconds
    }))
  }
}
