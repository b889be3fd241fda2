/** A file line by line, in bounded memory whatever is in it. */
import { createReadStream } from 'node:fs'
import { Problem } from '../http/errors.ts'

/** Longer lines are passed over: no record Dateline writes is as long. */
export const LONGEST_LINE = 16 * 1024 * 1024

/** `bytes` is null where the line was too long to be kept. */
export type FileLine = { number: number; bytes: Uint8Array | null }

const LINE_FEED = 10

/** The lines of a file that are not empty. Throws Problem where the file cannot be read. */
export async function* linesOf(path: string, onBytes?: (bytes: number) => void): AsyncGenerator<FileLine> {
  try {
    yield* linesIn(createReadStream(path), onBytes)
  } catch (error) {
    // What the system says of a file is not what it says of the database, which has the same codes.
    throw new Problem('invalid_request', `${path}: ${(error as Error).message}`)
  }
}

/** The lines that are not empty. `onBytes` is told how much was read so far. */
async function* linesIn(
  input: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void = () => {}
): AsyncGenerator<FileLine> {
  let number = 1
  let parts: Uint8Array[] = []
  let length = 0
  let read = 0
  const finish = (): FileLine | null => {
    const bytes = length > LONGEST_LINE ? null : Buffer.concat(parts, length)
    const line = { number: number++, bytes }
    parts = []
    length = 0
    return bytes === null || !isBlank(bytes) ? line : null
  }
  for await (const chunk of input) {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start)
      const part = chunk.subarray(start, end < 0 ? undefined : end)
      length += part.length
      if (length > LONGEST_LINE) parts = []
      else parts.push(part)
      if (end < 0) break
      const line = finish()
      if (line) yield line
      start = end + 1
    }
    read += chunk.length
    onBytes(read)
  }
  if (length > 0) {
    const line = finish()
    if (line) yield line
  }
}

const isBlank = (bytes: Uint8Array) => bytes.every((byte) => byte === 32 || byte === 13 || byte === 9)
