/** A stream that has to be read twice, as a file. */
import { createWriteStream, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** Runs `work` with the path of a file. A stream is put into one of its own first, which is gone when `work` has ended. */
export async function asFile<T>(
  input: string | AsyncIterable<Uint8Array>,
  work: (path: string) => Promise<T>
): Promise<T> {
  if (typeof input === 'string') return work(input)
  const folder = await mkdtemp(join(tmpdir(), 'dateline-import-'))
  // Also when it is interrupted: unpublished articles are in it.
  const discard = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', discard)
  try {
    const path = join(folder, 'file')
    await pipeline(input, createWriteStream(path, { mode: 0o600 }))
    return await work(path)
  } finally {
    discard()
    process.off('exit', discard)
  }
}
