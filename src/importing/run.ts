/** One import: who does it, into what, and what every part of it asks. */
import { articleSchemas } from '../articles/schema.ts'
import { type Actor, system } from '../audit/audit.ts'
import { authorSchemas } from '../authors/schema.ts'
import { bodySchemas } from '../body/schema.ts'
import { type Database, refusalOf, type Transaction, within } from '../database/database.ts'
import type { Caller } from '../http/access.ts'
import { Conflict, Invalid, NotFound, Problem } from '../http/errors.ts'
import { pictureSchemas } from '../http/picture.ts'
import { type Check, makeValidators } from '../http/validation.ts'
import { tagSchemas } from '../tags/schema.ts'
import { AlreadyThere } from './imported.ts'
import type { Line } from './report.ts'

export type Run = {
  db: Database
  actor: Actor
  user: Caller
  source: string
  /** Address of the site it comes from, to complete relative addresses. */
  base: string | null
  locale: string
  timeZone: string
  dryRun: boolean
  check: Check
  now: Date
  /** Addresses of articles here, as the sites make them. */
  templates: { locale: string; articleUrl: string }[]
  /** Slugs of authors and tags, and paths, that a dry run has given away. */
  taken: Set<string>
  /** Slugs of articles likewise. */
  slugs: Set<string>
  /** Kinds and keys that the file held so far. */
  met: Set<string>
  /** What keys of theirs became here. */
  authors: Map<string, string>
  tags: Map<string, string>
  tell: (line: Line) => void
}

const LOCALE = /^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$/

/** The admin or editor in whose name it is done; the first admin when nobody is named. */
export async function callerFor(
  db: Database,
  email: string | undefined
): Promise<{ user: Caller; actor: Actor }> {
  const who = await db.prisma.user.findFirst({
    where: {
      disabledAt: null,
      ...(email === undefined ? { role: 'admin' } : { email: email.trim().toLowerCase() })
    },
    orderBy: { createdAt: 'asc' },
    select: { id: true, email: true, name: true, role: true }
  })
  if (!who && email === undefined)
    throw Conflict(
      'not_found',
      'There is no admin yet in whose name it could be imported. Make one with: user create'
    )
  if (!who) throw NotFound('person, or they are disabled')
  if (who.role !== 'admin' && who.role !== 'editor')
    throw Invalid('/as', `${who.email} is ${who.role}: only an admin or editor imports.`)
  const caller: Caller = { ...who, sessionId: null, apiKeyId: null, scopes: null, authorId: null }
  return { user: caller, actor: { ...system, userId: who.id } }
}

/** What the texts are written in: as asked, else that of the site here, else that of theirs. Throws Invalid. */
export async function placeFor(
  db: Database,
  asked: { locale?: string | undefined; timeZone?: string | undefined },
  language: string | null
) {
  const sites = await db.query<{ locale: string; articleUrl: string; timeZone: string | null }>(
    {
      text: `SELECT locale, article_url AS "articleUrl", document ->> 'timeZone' AS "timeZone" FROM sites
        ORDER BY NOT is_default, locale`
    },
    []
  )
  const named = canonical(language ?? '')
  const locale = asked.locale ?? sites[0]?.locale ?? (LOCALE.test(named) ? named : 'en')
  if (!LOCALE.test(locale)) throw Invalid('/locale', `“${locale}” is no locale, such as en or pt-BR.`)
  const timeZone = asked.timeZone ?? sites.find((site) => site.locale === locale)?.timeZone ?? 'UTC'
  if (!isTimeZone(timeZone)) throw Invalid('/timeZone', `“${timeZone}” is no time zone, such as Europe/Oslo.`)
  return { locale, timeZone, templates: sites, hasSite: sites.some((site) => site.locale === locale) }
}

function canonical(language: string) {
  try {
    return Intl.getCanonicalLocales(language.replaceAll('_', '-'))[0] ?? ''
  } catch {
    return ''
  }
}

function isTimeZone(name: string) {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

/** The check that requests go through. */
export const makeCheck = () =>
  makeValidators([...bodySchemas, ...pictureSchemas, ...articleSchemas, ...tagSchemas, ...authorSchemas])
    .check

const BATCH_TIMEOUT_MS = 60_000

/** What is told of each thing, whatever becomes of it. */
type About<T> = (thing: T) => Pick<Line, 'kind' | 'key' | 'title'>

/** Does `work` for each of a few things in one transaction, each on its own: one that is refused leaves the others. */
export const eachInOneTransaction = <T>(
  run: Run,
  things: T[],
  work: (db: Database, tx: Transaction, thing: T) => Promise<Line>,
  about: About<T>
): Promise<Line[]> =>
  run.db.transaction(async (tx) => {
    const lines: Line[] = []
    for (const thing of things) {
      try {
        const part = within(run.db, tx)
        lines.push(await part.transaction((inner) => work(within(run.db, inner), inner, thing)))
      } catch (error) {
        lines.push(settled(error, about(thing)))
      }
    }
    return lines
  }, BATCH_TIMEOUT_MS)

/**
 * Does `work` for a few things at once, in one transaction. Where one of them is refused, for halves of them, down to
 * that one: it leaves the others. `work` may be run again for the same thing.
 */
export function allInOneTransaction<T>(
  run: Run,
  things: T[],
  work: (tx: Transaction, things: T[]) => Promise<Line[]>,
  about: About<T>
): Promise<Line[]> {
  const keep = async (tx: Transaction, part: T[]): Promise<Line[]> => {
    const told = tx.told.length
    try {
      return await within(run.db, tx).transaction((inner) => work(inner, part))
    } catch (error) {
      tx.told.length = told
      const [only] = part
      if (part.length === 1) return [settled(error, about(only as T))]
      // Ends the import where it is nothing of theirs.
      if (!(error instanceof AlreadyThere)) reasonOf(error)
      const half = Math.ceil(part.length / 2)
      return [...(await keep(tx, part.slice(0, half))), ...(await keep(tx, part.slice(half)))]
    }
  }
  return run.db.transaction((tx) => keep(tx, things), BATCH_TIMEOUT_MS)
}

function settled(error: unknown, about: Pick<Line, 'kind' | 'key' | 'title'>): Line {
  if (error instanceof AlreadyThere) return { ...about, fate: 'already there', lost: [] }
  return { ...about, fate: 'refused', lost: [reasonOf(error)] }
}

/** Why a thing is refused; what no rule of ours refused is thrown on and ends the import. */
export function reasonOf(error: unknown): string {
  if (error instanceof Problem) return error.message
  const { state, constraint } = refusalOf(error)
  // Integrity (23…) and data (22…) are about the thing; a lost connection or a deadlock is not.
  if (state && /^2[23]/.test(state))
    return `the database refuses it${constraint ? `: ${constraint}` : ''} (${state})`
  throw error
}
