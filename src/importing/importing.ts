/** Imports what another system exported: authors, tags, articles, old addresses. */
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Database } from '../database/database.ts'
import { slugFrom } from '../slugs.ts'
import { auditOf } from './audited.ts'
import { type ForeignArticle, isLine } from './foreign.ts'
import { readGhost } from './ghost.ts'
import { keepArticles, readyArticles } from './keeping-articles.ts'
import { keepAuthors, keepTags } from './keeping-terms.ts'
import { type Line, newReport, type Totals } from './report.ts'
import { callerFor, makeCheck, placeFor, type Run } from './run.ts'
import { asFile } from './spooled.ts'
import { readWordPress } from './wordpress.ts'
import { FileFault } from './wxr.ts'

export type ForeignFormat = 'wxr' | 'ghost'

export type Order = {
  /** A file by its path, or a stream, which is put into a file of its own first: it is read twice. */
  input: string | Readable
  /** Found out by looking at it when absent. */
  format?: ForeignFormat
  /** Of the texts. Absent: the default site's here, else the language the file names. */
  locale?: string
  /** What to remember it by, its address as a rule. Absent: the address in the file. Ghost's files have none. */
  source?: string
  /** Of dates without one. Absent: that of the site here. */
  timeZone?: string
  /** E-mail address of the admin or editor in whose name it is done. Absent: the first admin. */
  as?: string
  /** Of Ghost: publishes what was for members or paying readers, for everybody to read. */
  publishRestricted?: boolean
  /** Everything is read, converted and checked; nothing is written. */
  dryRun?: boolean
  /** The file is one that can be read, and nothing was written or told yet. */
  onBegin?: () => Promise<void> | void
  /** How many things were read so far. */
  onProgress?: (count: number) => void
  onLine?: (line: Line) => void
}

/** In one transaction: few enough that nobody waits long for it. Two of them are held at a time. */
const BATCH = 20
const MOST_THINGS = 200
const MOST_CHARACTERS = 2_000_000

/**
 * Imports a file of WordPress (WXR) or Ghost (JSON). What was imported from the same source before is left as it is, so
 * that a run that was ended in the middle can be started again. Throws Problem for what is no such file; by then nothing
 * was written.
 */
export function importForeign(db: Database, order: Order): Promise<Totals> {
  return asFile(order.input, (path) => importFile(db, path, order))
}

async function importFile(db: Database, path: string, order: Order): Promise<Totals> {
  const { dryRun = false, onBegin = () => {}, onProgress, onLine } = order
  const format = order.format ?? (await formatOf(path))
  const { user, actor } = await callerFor(db, order.as)
  const named = order.source === undefined ? null : sourceName(order.source)
  const address = named && /^https?:/.test(named) ? named : null
  const asked = await placeFor(db, order, null)
  const foreign =
    format === 'wxr'
      ? await readWordPress(path, asked.timeZone)
      : await readGhost(path, address, order.publishRestricted ?? false)
  const place = await placeFor(db, order, foreign.language)
  const source =
    named ?? (foreign.address ? sourceName(foreign.address) : `${format}:${slugFrom(foreign.name, 'site')}`)

  const report = newReport(onLine)
  const { totals } = report
  const tell = (line: Line) => {
    report.tell(line)
    onProgress?.(totals.read)
  }
  const run: Run = {
    ...{ db, user, actor, source, dryRun, tell },
    ...{ locale: place.locale, timeZone: place.timeZone, templates: place.templates },
    base: baseOf(address ?? foreign.address),
    check: makeCheck(),
    now: new Date(),
    taken: new Set(),
    slugs: new Set(),
    met: new Set(),
    authors: new Map(),
    tags: new Map()
  }
  await onBegin()
  const noteThat = auditOf(db, actor, format)
  if (!dryRun) await noteThat('begun', totals)
  const about = (text: string) => tell({ kind: 'file', key: format, fate: 'kept', lost: [text] })
  if (!place.hasSite)
    about(`there is no site for the locale ${place.locale}: make one, or name another locale`)
  if (!run.base)
    about('the address of the old site is not known: relative addresses are lost; name it as the source')
  for (const line of foreign.lines) tell(line)
  await keepAuthors(run, foreign.authors)
  await keepTags(run, foreign.tags)

  // While the database writes some, the next are read and converted.
  let writing = Promise.resolve()
  try {
    for await (const things of inBatches(foreign.articles())) {
      const batch = await readyArticles(run, things)
      await writing
      writing = keepArticles(run, batch)
      // Told when it is waited for.
      writing.catch(() => {})
    }
  } finally {
    await writing
  }
  if (!dryRun) await noteThat('finished', totals)
  return totals
}

async function* inBatches(all: AsyncGenerator<ForeignArticle | Line>) {
  let batch: (ForeignArticle | Line)[] = []
  let articles = 0
  let characters = 0
  for await (const one of all) {
    batch.push(one)
    if (!isLine(one)) {
      articles += 1
      characters += one.html.length
    }
    if (articles < BATCH && batch.length < MOST_THINGS && characters < MOST_CHARACTERS) continue
    yield batch
    batch = []
    articles = 0
    characters = 0
  }
  if (batch.length > 0) yield batch
}

/** One name for one site, however it is written. */
function sourceName(text: string): string {
  const short = text
    .trim()
    .slice(0, 500)
    .replace(/[\p{Cc}\p{Cs}]/gu, '')
  return URL.canParse(short) ? new URL(short).href.replace(/\/+$/, '') : short
}

const baseOf = (address: string | null) => (address ? `${address.replace(/\/+$/, '')}/` : null)

/** Looks at how the file begins. Throws FileFault when it is neither. */
export async function formatOf(path: string): Promise<ForeignFormat> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0)
    if (bytesRead === 0) throw new FileFault('The file is empty.')
    const head = buffer.subarray(0, bytesRead)
    const text = (head[0] === 0xff || head[0] === 0xfe ? head.filter((byte) => byte !== 0) : head)
      .toString('latin1')
      .replace(/^[^\w<{[]+/, '')
    if (text.startsWith('<')) return 'wxr'
    if (text.startsWith('{')) return 'ghost'
    throw new FileFault('This is neither an export of WordPress (XML) nor one of Ghost (JSON).')
  } finally {
    await file.close()
  }
}
