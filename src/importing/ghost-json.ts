/**
 * The rows of a Ghost export, one after another. It is one JSON object, `{"db": [{"data": {"posts": [{…}, …], …}}]}`: it is
 * walked, and only one row at a time is held.
 */
import { createReadStream } from 'node:fs'
import { type Frame, type JsonEvent, walkJson } from './json-walk.ts'
import { FileFault } from './wxr.ts'

export type Row = Record<string, unknown>
/** Without a row and a fault: of a table nobody asked for. `place` is where it stands, in words. */
export type TableRow = { table: string; place: string; row?: Row; fault?: string }

const LARGEST_ROW = 32 * 1024 * 1024

/** Throws FileFault, with line and column, at what is no JSON. */
export async function* readRows(path: string, wanted: ReadonlySet<string>): AsyncGenerator<TableRow> {
  const counts = new Map<string, number>()
  let ready: TableRow[] = []
  let row: { depth: number; table: string; place: string; line: number; size: number; parts: Buffer[] } | null
  row = null
  let chunk: Buffer = Buffer.alloc(0)
  let rowFrom = 0

  const begin = (event: JsonEvent, at: number) => {
    const table = tableAt(walk.frames, 3)
    if (table === null) {
      const named = event === 'list' ? null : tableAt(walk.frames, 2)
      if (named !== null && wanted.has(named))
        ready.push({ table: named, place: `line ${walk.line()}`, fault: 'the table is no list' })
      return
    }
    const count = (counts.get(table) ?? 0) + 1
    counts.set(table, count)
    const place = `row ${count}, line ${walk.line()}`
    if (event !== 'object') {
      ready.push({ table, place, ...(wanted.has(table) && { fault: 'is no object' }) })
      return
    }
    row = { depth: walk.frames.length, table, place, line: walk.line(), size: 0, parts: [] }
    rowFrom = at
  }
  const end = (at: number) => {
    if (!row || walk.frames.length !== row.depth) return
    const { table, place, parts, size, line } = row
    row = null
    const part = chunk.subarray(rowFrom, at + 1)
    if (!wanted.has(table)) ready.push({ table, place })
    else if (size + part.length > LARGEST_ROW)
      ready.push({ table, place, fault: `has more than ${LARGEST_ROW / 1024 / 1024} MB of text` })
    else ready.push({ table, place, row: parsed(Buffer.concat([...parts, part]), line) })
  }
  const walk = walkJson(
    (message) => new FileFault(message),
    (event, at) => {
      if (event === 'end') end(at)
      else if (!row) begin(event, at)
    }
  )

  for await (chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    rowFrom = 0
    walk.take(chunk)
    const unfinished = row as { table: string; size: number; parts: Buffer[] } | null
    if (unfinished && wanted.has(unfinished.table)) {
      unfinished.size += chunk.length - rowFrom
      if (unfinished.size <= LARGEST_ROW) unfinished.parts.push(Buffer.from(chunk.subarray(rowFrom)))
      else unfinished.parts = []
    }
    const told = ready
    ready = []
    yield* told
  }
  walk.end()
}

/** The table that `depth` frames below the data's beginning belong to: 3 is in its list, 2 where that begins. */
function tableAt(frames: readonly Frame[], depth: 2 | 3): string | null {
  const at = frames[0]?.key === 'db' ? 2 : 0
  const isThere =
    frames.length === at + depth &&
    frames[at]?.key === 'data' &&
    frames[at]?.isObject &&
    frames[at + 1]?.isObject &&
    (depth === 2 || !frames[at + 2]?.isObject) &&
    (at === 0 || !frames[1]?.isObject)
  return isThere ? (frames[at + 1]?.key ?? null) : null
}

function parsed(bytes: Buffer, line: number): Row {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Row
  } catch (error) {
    throw new FileFault(
      `In the object that begins in line ${line}: this is no JSON: ${(error as Error).message}`
    )
  }
}
