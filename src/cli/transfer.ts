/** Commands that move a newsroom's data out and in. */
import { createReadStream, createWriteStream, rmSync } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { Readable, type Writable } from 'node:stream'
import { type Command, Option } from 'commander'
import { Problem } from '../http/errors.ts'
import type { Line, Totals } from '../importing/report.ts'
import { type Format, peekFormat } from '../transfer/format.ts'
import { withDatabase } from './context.ts'
import type { Foreign } from './importing.ts'
import { type Answering, answer, answersJson, foundWrong, print, progress, standardOutput } from './output.ts'

/** Standard input or output. */
const STREAM = '-'
/** Lines worth a look that are told on the terminal; all of them stand in the file of --report. */
const MOST_TOLD = 20
const MEGABYTE = 1024 * 1024

type Exporting = Answering & { output: string }
type Importing = Answering & Foreign & { format?: Format; dryRun?: boolean; report?: string }

export function transferCommands(program: Command) {
  answersJson(program.command('export'))
    .description('write everything but secrets and logs as NDJSON, one record a line')
    .option('--output <file>', 'where to; - is standard output', STREAM)
    .action(exportTo)

  answersJson(program.command('import'))
    .description(
      'read in what Dateline (NDJSON), WordPress (WXR) or Ghost (JSON) exported; what is here already is never overwritten'
    )
    .argument('<file>', 'the export; - is standard input')
    .addOption(
      new Option('--format <format>', 'what the file is; found out when absent').choices([
        'ndjson',
        'wxr',
        'ghost'
      ])
    )
    .option('--dry-run', 'say what would become of it, and change nothing')
    .option(
      '--report <file>',
      'write what became of things, a line of JSON each; of NDJSON only what was not simply kept'
    )
    .option(
      '--locale <locale>',
      'WordPress, Ghost: the language of its texts; the default site’s when absent'
    )
    .option('--source <address>', 'WordPress, Ghost: the address of the site, where the file does not say it')
    .option('--time-zone <zone>', 'WordPress, Ghost: of dates without one, such as Europe/Oslo')
    .option(
      '--as <email>',
      'WordPress, Ghost: the admin or editor in whose name; the first admin when absent'
    )
    .option('--publish-restricted', 'Ghost: publish for everybody what was for members or paying readers')
    .action(importFrom)
}

/** What these take is much, and no other command wants it: it is loaded when it is asked for. */
const load = {
  exporting: () => import('../transfer/export.ts'),
  importing: () => import('../transfer/import.ts'),
  foreign: () => import('./importing.ts')
}

async function exportTo({ output, json }: Exporting) {
  const { exportAll } = await load.exporting()
  await withDatabase(async (db) => {
    const isFile = output !== STREAM
    // What has the name of an export is a whole one.
    const part = `${output}.part`
    const stream = isFile ? createWriteStream(part) : standardOutput()
    // Also when it is interrupted.
    const discard = () => rmSync(part, { force: true })
    if (isFile) process.once('exit', discard)
    const bar = progress('Exporting', null)
    const begun = performance.now()
    const writing = writeTo(stream, isFile ? part : 'standard output')
    let records: number
    try {
      records = await exportAll(db, writing.take, (done) => bar.at(done))
      if (isFile) await writing.end()
    } catch (error) {
      if (isFile) {
        stream.destroy()
        discard()
      }
      throw error
    }
    if (isFile) await rename(part, output)
    process.off('exit', discard)
    bar.end()
    const told = { records, ...pace(records, begun) }
    const words = `Exported ${records.toLocaleString('en')} records ${paceInWords(told)}.`
    if (isFile) answer({ json }, told, words)
    else print(json ? JSON.stringify(told) : words, process.stderr)
  })
}

/** What the system says of a file is not what it says of the database, which has the same codes. */
const faultOf = (name: string, error: Error) => new Problem('invalid_request', `${name}: ${error.message}`)

async function* readFrom(name: string, stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (error) {
    throw faultOf(name, error as Error)
  }
}

/** Waits where the stream has no room, and fails where it did. */
function writeTo(stream: Writable, name: string) {
  let failed: Error | null = null
  let wake = () => {}
  stream.on('error', (error) => {
    failed = faultOf(name, error)
    wake()
  })
  stream.on('drain', () => wake())
  const settled = async (ready: boolean) => {
    if (!ready && !failed)
      await new Promise<void>((done) => {
        wake = done
      })
    if (failed) throw failed
  }
  return {
    take: (lines: string) => settled(stream.write(lines)),
    end() {
      stream.end(() => wake())
      return settled(false)
    }
  }
}

const sizeOf = (file: string) =>
  stat(file).then(
    ({ size }) => size,
    (error) => {
      throw faultOf(file, error)
    }
  )

/** A report begins by emptying its file. */
async function refuseSame(file: string, report: string) {
  const [one, other] = await Promise.all([stat(file), stat(report)].map((asked) => asked.catch(() => null)))
  if (one && other && one.dev === other.dev && one.ino === other.ino)
    throw new Problem(
      'invalid_request',
      `${report} is what is to be imported: name another file for --report.`
    )
}

async function importFrom(file: string, { json, dryRun = false, report, ...asked }: Importing) {
  const size = file === STREAM ? null : await sizeOf(file)
  if (report !== undefined) await refuseSame(file, report)
  const source =
    size === null ? readFrom('standard input', process.stdin) : readFrom(file, createReadStream(file))
  const { format: found, whole: input } = await peekFormat(source)
  const { format = found, ...foreign } = asked
  if (format === null)
    throw new Problem(
      'invalid_request',
      `${file} is no export of Dateline, WordPress or Ghost. If it is one, say so with --format.`
    )
  const looks = lookOut(report, format !== 'ndjson')
  if (format !== 'ndjson') {
    const order = { ...foreign, format, dryRun, input: size === null ? Readable.from(input) : file }
    const { importForeignFrom } = await load.foreign()
    return importForeignFrom(order, looks, { json: json ?? false })
  }
  const [named] = Object.keys(foreign)
  if (named)
    throw new Problem('invalid_request', `An export of Dateline says itself what --${inKebab(named)} would.`)
  const { importAll } = await load.importing()
  await withDatabase(async (db, { config }) => {
    const bar = progress('Importing', size === null ? null : Math.ceil(size / MEGABYTE))
    let records = 0
    const begun = performance.now()
    const counts = await importAll(db, {
      ...{ dryRun, publicUrl: config.publicUrl, onBegin: looks.begin, onLine: looks.at },
      input: size === null ? input : file,
      onProgress: (done) => {
        records = done
      },
      onBytes: (bytes) => bar.at(Math.floor(bytes / MEGABYTE), `${inDigits(records)} records`)
    })
    bar.end()
    await looks.end()
    const paced = { ...counts, dryRun, ...pace(counts.read, begun) }
    answer({ json }, paced, [...looks.words(), summaryOf(paced)].join('\n'))
    if (counts.refused > 0) foundWrong()
  })
}

/** Keeps some of what is worth a look for the terminal, and writes all of it, or `everything`, into the file asked for. */
function lookOut(report: string | undefined, everything: boolean) {
  let file: ReturnType<typeof writeTo> | null = null
  const told: Line[] = []
  let count = 0
  let writing = Promise.resolve()
  return {
    /** A report that is there already is emptied no sooner than there is something to tell. */
    async begin() {
      if (report === undefined) return
      const handle = await open(report, 'w').catch((error) => {
        throw faultOf(report, error)
      })
      file = writeTo(handle.createWriteStream(), report)
    },
    at(line: Line) {
      const isWorthALook = line.fate === 'refused' || line.lost.length > 0
      if (isWorthALook) count++
      if (isWorthALook && told.length < MOST_TOLD) told.push(line)
      const to = file
      if (!to || !(isWorthALook || everything)) return
      writing = writing.then(() => to.take(`${JSON.stringify(line)}\n`))
      // Told at the end.
      writing.catch(() => {})
    },
    async end() {
      await writing
      await file?.end()
    },
    words() {
      const more = count - told.length
      const where = report === undefined ? 'with --report <file> all of them are told' : `see ${report}`
      return [...told.map(inWords), ...(more > 0 ? [`… and ${inDigits(more)} more; ${where}.`] : [])]
    }
  }
}

const inKebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const inDigits = (count: number) => count.toLocaleString('en')

function summaryOf({
  read,
  kept,
  alreadyThere,
  refused,
  dryRun,
  ...paced
}: Totals & Pace & { dryRun: boolean }) {
  const were = dryRun ? 'would be' : 'were'
  return (
    `${dryRun ? 'Nothing was changed. ' : ''}Of ${inDigits(read)} records ${inDigits(kept)} ${were} kept, ` +
    `${inDigits(alreadyThere)} were there already, ${inDigits(refused)} ${were} refused, ${paceInWords(paced)}.`
  )
}

const inWords = ({ kind, key, title, fate, lost }: Line) =>
  `${kind} ${key}${title ? ` “${title}”` : ''}: ${fate}: ${lost.join('; ')}`

type Pace = { seconds: number; perSecond: number; peakMegabytes: number }

function pace(records: number, begun: number): Pace {
  const seconds = (performance.now() - begun) / 1000
  return {
    seconds: Math.round(seconds * 10) / 10,
    perSecond: Math.round(records / Math.max(seconds, 0.001)),
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024)
  }
}

const paceInWords = ({ seconds, perSecond, peakMegabytes }: Pace) =>
  `in ${seconds} s (${perSecond.toLocaleString('en')}/s, at most ${peakMegabytes} MB of memory)`
