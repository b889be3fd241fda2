/**
 * The rows of a Ghost export, one after another. It is one JSON object, `{"db": [{"data": {"posts": [{…}, …], …}}]}`: here
 * it is walked byte by byte, and only one row at a time is held.
 */
import { createReadStream } from 'node:fs'
import { FileFault } from './wxr.ts'

export type Row = Record<string, unknown>
/** `row` is undefined of a table nobody asked for, and null of a row that is too large or no object. */
export type TableRow = { table: string; row: Row | null | undefined }

const LARGEST_ROW = 32 * 1024 * 1024
const DEEPEST = 1_000
const [QUOTE, BACKSLASH, OPEN, CLOSE, BEGIN, END, COMMA, COLON, LINE] = [
  0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a, 0x0a
]

type Frame = { isObject: boolean; key: string }

/** Throws FileFault, with the line, at what is no JSON. */
export async function* readRows(path: string, wanted: ReadonlySet<string>): AsyncGenerator<TableRow> {
  const frames: Frame[] = []
  let line = 1
  let column = 0
  let inText = false
  let escaped = false
  /** The text being read is the name of a member. */
  let isName = false
  let expectsName = false
  let name: number[] = []
  let row: { depth: number; table: string; line: number; size: number; parts: Buffer[] } | undefined
  let begun = false

  const fault = (message: string) =>
    new FileFault(`Line ${line}, column ${column}: this is no JSON: ${message}`)
  const tableHere = (): string | undefined => {
    const at = frames[0]?.key === 'db' ? 2 : 0
    const isThere =
      frames.length === at + 3 &&
      frames[at]?.key === 'data' &&
      frames[at]?.isObject &&
      frames[at + 1]?.isObject &&
      !frames[at + 2]?.isObject &&
      (at === 0 || !frames[1]?.isObject)
    return isThere ? frames[at + 1]?.key : undefined
  }

  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let rowFrom = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number
      column += 1
      if (byte === LINE) {
        line += 1
        column = 0
      }
      if (inText) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) {
          inText = false
          const frame = frames.at(-1)
          if (isName && frame) frame.key = Buffer.from(name).toString('utf8')
          isName = false
          continue
        }
        if (isName && name.length < 200) name.push(byte)
        continue
      }
      if (byte === QUOTE) {
        inText = true
        isName = expectsName && row === undefined
        expectsName = false
        name = []
      } else if (byte === OPEN || byte === BEGIN) {
        if (frames.length === 0 && begun) throw fault('something stands after its end')
        if (frames.length >= DEEPEST) throw fault('it is nested too deep')
        begun = true
        const table = row === undefined ? tableHere() : undefined
        if (table !== undefined && byte === OPEN) {
          row = { depth: frames.length, table, line, size: 0, parts: [] }
          rowFrom = at
        }
        frames.push({ isObject: byte === OPEN, key: '' })
        expectsName = byte === OPEN
      } else if (byte === CLOSE || byte === END) {
        const frame = frames.pop()
        if (!frame || frame.isObject !== (byte === CLOSE))
          throw fault(`“${String.fromCharCode(byte)}” ends nothing`)
        expectsName = false
        if (row && frames.length === row.depth) {
          const { table, parts, size } = row
          const part = chunk.subarray(rowFrom, at + 1)
          if (!wanted.has(table)) yield { table, row: undefined }
          else if (size + part.length > LARGEST_ROW) yield { table, row: null }
          else yield { table, row: parsed(Buffer.concat([...parts, part]), row.line) }
          row = undefined
        }
      } else if (byte === COMMA) {
        expectsName = frames.at(-1)?.isObject === true
      } else if (byte !== COLON && byte > 0x20 && frames.length === 0) {
        if (!(byte === 0xef || byte === 0xbb || byte === 0xbf)) throw fault('it begins with no object')
      }
    }
    if (row && wanted.has(row.table)) {
      row.size += chunk.length - rowFrom
      if (row.size <= LARGEST_ROW) row.parts.push(Buffer.from(chunk.subarray(rowFrom)))
      else row.parts = []
    }
  }
  if (!begun) throw new FileFault('The file is empty.')
  if (frames.length > 0 || inText) throw fault('it ends in the middle')
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
