/** Reads an export in again. Ids are kept; what is here is never overwritten. docs/moving-data.md. */
import type { TSchema } from 'typebox'
import { Rights, Seo, Source } from '../articles/schema.ts'
import { system } from '../audit/audit.ts'
import { bodySchemas } from '../body/schema.ts'
import { againWhileUndone, type Database, type Session } from '../database/database.ts'
import { Problem } from '../http/errors.ts'
import { pictureSchemas } from '../http/picture.ts'
import { type Check, makeValidators, readJson } from '../http/validation.ts'
import { auditOf } from '../importing/audited.ts'
import { type Line, newReport, type Report, type Totals } from '../importing/report.ts'
import { asFile } from '../importing/spooled.ts'
import { Card, Utm } from '../share-links/schema.ts'
import { type Entry, keepBatch, type Memory } from './keeping.ts'
import type { Item, Kind, Tools } from './kind.ts'
import { type FileLine, LONGEST_LINE, linesOf } from './lines.ts'
import { findWithoutRevision } from './looking-ahead.ts'
import { kinds } from './order.ts'
import { End, FORMAT, Header } from './record-schema.ts'
import { faultOf } from './refusals.ts'

/** A transaction holds so many records at most, and about so many bytes of the file. */
const MOST = 200
const MOST_BYTES = 300_000
/** Of each a whole revision is read and rendered. */
const MOST_PUBLICATIONS = 50

export type Import = {
  /** A file by its path, or a stream, which is put into a file of its own first: it is read twice. */
  input: string | AsyncIterable<Uint8Array>
  publicUrl: string
  /** Does all of it in one transaction, and takes that back. */
  dryRun?: boolean
  /** The file is an export, and nothing was written or told yet. */
  onBegin?: () => Promise<void> | void
  onProgress?: (records: number) => void
  onBytes?: (bytes: number) => void
  onLine?: (line: Line) => void
}

class TakenBack extends Error {}

export const importAll = (db: Database, given: Import): Promise<Totals> =>
  asFile(given.input, (path) => importFile(db, path, given))

async function importFile(db: Database, path: string, given: Import): Promise<Totals> {
  const { dryRun = false, onBegin = () => {} } = given
  const report = newReport(given.onLine)
  const noteThat = auditOf(db, system, 'dateline')
  await db.session('dateline: import', async (session) => {
    const lines = linesOf(path, given.onBytes)
    await readHeader(lines)
    const articleUrls = async () => {
      const sites = await session.query<{ articleUrl: string }>(
        'SELECT article_url AS "articleUrl" FROM sites'
      )
      return sites.map(({ articleUrl }) => articleUrl)
    }
    const tools: Tools = { publicUrl: given.publicUrl, articleUrls, check: checkWith() }
    const isSound = async (line: FileLine) => !('fault' in (await readLine(line, tools, false)))
    const withoutRevision = await findWithoutRevision(path, isSound)
    const records = (transact: Transact) =>
      readRecords(session, lines, { tools, withoutRevision, report, transact, onProgress: given.onProgress })
    await onBegin()
    if (!dryRun) {
      await noteThat('begun', report.totals)
      await records((work) => againWhileUndone(() => session.transaction(work)))
      await makeMissingLinks(session)
      await noteThat('finished', report.totals)
      return
    }
    await session
      .transaction(async () => {
        await session.query('SET LOCAL idle_in_transaction_session_timeout = 0')
        await records((work) => work())
        throw new TakenBack()
      })
      .catch((error) => {
        if (!(error instanceof TakenBack)) throw error
      })
  })
  return report.totals
}

async function readHeader(lines: AsyncGenerator<FileLine>) {
  const { check } = makeValidators([])
  const { value: first } = await lines.next()
  let header: { format: number }
  try {
    header = readJson(first?.bytes ?? new Uint8Array()) as { format: number }
    check(Header, header, '')
  } catch {
    throw new Problem(
      'invalid_request',
      'This is no export of Dateline: its first line is not {"type":"dateline","format":1}.'
    )
  }
  if (header.format !== FORMAT)
    throw new Problem(
      'invalid_request',
      `The export has format ${header.format}; this Dateline reads format ${FORMAT}.`
    )
}

type Transact = <T>(work: () => Promise<T>) => Promise<T>

type Reading = {
  tools: Tools
  withoutRevision: Map<string, number>
  report: Report
  transact: Transact
  onProgress: ((records: number) => void) | undefined
}

async function readRecords(
  session: Session,
  lines: AsyncGenerator<FileLine>,
  { tools, withoutRevision, report, transact, onProgress = () => {} }: Reading
) {
  const memory: Memory = { links: new Map(), blocked: new Set(), withoutRevision }
  let kind: Kind | null = null
  let entries: Entry[] = []
  let bytes = 0
  const keep = async () => {
    const [of, batch] = [kind, entries]
    entries = []
    bytes = 0
    if (!of || batch.length === 0) return
    const { lines: told, remember } = await transact(() => keepBatch(session, of, batch, memory))
    remember()
    for (const line of told) report.tell(line)
    onProgress(report.totals.read)
  }
  let end: number | null = null
  for await (const line of lines) {
    const read = await readLine(line, tools, end !== null)
    if ('fault' in read) {
      // Its place is known by what follows it: what named it is told of in its turn.
      report.tell(read.fault)
      continue
    }
    if ('end' in read) {
      end = read.end
      continue
    }
    const most = read.kind.type === 'publication' ? MOST_PUBLICATIONS : MOST
    if (read.kind !== kind || entries.length >= most || bytes >= MOST_BYTES) await keep()
    kind = read.kind
    entries.push({ number: line.number, item: read.item })
    bytes += line.bytes?.length ?? 0
  }
  await keep()
  tellOfEnd(end, report)
}

/** A file that was cut off looks whole up to there. */
function tellOfEnd(end: number | null, report: Report) {
  const fault = (words: string) =>
    report.tell({ kind: 'file', key: 'its end', fate: 'refused', lost: [words] })
  if (end === null) fault('the last line, {"type":"end",…}, is missing: the file may have been cut off')
  else if (end !== report.totals.read)
    fault(`the last line tells of ${end} records; ${report.totals.read} were found`)
}

/** Of what records are put together. */
function checkWith(): Check {
  const components: TSchema[] = [...pictureSchemas, ...bodySchemas, Source, Seo, Rights, Utm, Card]
  return makeValidators(components).check
}

type Read = { kind: Kind; item: Item } | { end: number } | { fault: Line }

async function readLine({ number, bytes }: FileLine, tools: Tools, ended: boolean): Promise<Read> {
  const fault = (kind: string, words: string): Read => ({
    fault: { kind, key: `line ${number}`, fate: 'refused', lost: [words] }
  })
  if (bytes === null) return fault('line', `is longer than ${LONGEST_LINE.toLocaleString('en')} bytes`)
  let type = 'line'
  try {
    const value = readJson(bytes) as Item
    if (typeof value?.type !== 'string') return fault('line', '/type: is missing')
    if (ended) return fault('line', 'stands behind the last line, {"type":"end",…}')
    if (value.type === 'end') {
      tools.check(End, value, '')
      return { end: value.records }
    }
    const kind = kinds.find((one) => one.type === value.type)
    if (!kind) return fault('line', `/type: there is no kind of record called ${JSON.stringify(value.type)}`)
    type = kind.type
    tools.check(kind.schema, value, '')
    const { type: _, ...item } = value
    return { kind, item: (await kind.settle?.(item, tools)) ?? item }
  } catch (error) {
    if (error instanceof Problem) return fault(type, faultOf(error))
    throw error
  }
}

const NOBODY = '00000000-0000-0000-0000-000000000000'

/** Every article on the timeline has its share links; a file may have come without. */
async function makeMissingLinks(session: Session) {
  let after = NOBODY
  for (;;) {
    const rows = await session.query<{ id: string }>(
      `SELECT a.id FROM articles a WHERE a.id > $1::uuid AND EXISTS (SELECT FROM publications p WHERE p.article_id = a.id)
         AND NOT EXISTS (SELECT FROM share_links l WHERE l.article_id = a.id) ORDER BY a.id LIMIT 500`,
      [after]
    )
    if (rows.length === 0) return
    after = (rows.at(-1) as { id: string }).id
    await session.query('SELECT make_share_links($1::uuid[])', [rows.map(({ id }) => id)])
  }
}
