/** What has to be known of a file before its first record is kept, because it stands further down. */
import { readJson } from '../http/validation.ts'
import type { Item } from './kind.ts'
import { type FileLine, linesOf } from './lines.ts'

/** Told by the beginning of a line as Dateline writes it, so that few lines are read twice as a whole. */
const OTHER = /^\s*\{\s*"type"\s*:\s*"(?!article"|revision")\w*"/
const HEAD = 80
const THERE = 0

/**
 * Articles, by id, with the version they are at, that come without the revision of that version: with nothing to publish,
 * and none that could be gone back to. A revision that stands before its article is not kept, and one that is not
 * `isSound` will be refused: neither counts.
 */
export async function findWithoutRevision(
  path: string,
  isSound: (line: FileLine) => Promise<boolean>
): Promise<Map<string, number>> {
  const versions = new Map<string, number>()
  for await (const line of linesOf(path)) {
    const record = recordIn(line)
    if (record?.type === 'article' && !versions.has(record.id)) versions.set(record.id, record.version)
    else if (record?.type !== 'revision' || versions.get(record.articleId) !== record.version) continue
    else if (await isSound(line)) versions.set(record.articleId, THERE)
  }
  for (const [id, version] of versions) if (version === THERE) versions.delete(id)
  return versions
}

/** What cannot be read is refused in its turn. */
function recordIn({ bytes }: FileLine): Item | null {
  if (bytes === null || OTHER.test(Buffer.from(bytes.subarray(0, HEAD)).toString('latin1'))) return null
  try {
    return readJson(bytes) as Item | null
  } catch {
    return null
  }
}
