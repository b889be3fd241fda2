/** What a file is, by its beginning. */

export type Format = 'ndjson' | 'wxr' | 'ghost'

/** As much as it takes to tell: a comment or a long first record may stand before what tells. */
const ENOUGH = 64 * 1024

/** The format, null for one nobody knows, and the same input from its beginning. */
export async function peekFormat(
  input: AsyncIterable<Uint8Array>
): Promise<{ format: Format | null; whole: AsyncIterable<Uint8Array> }> {
  const chunks = input[Symbol.asyncIterator]()
  const seen: Uint8Array[] = []
  let length = 0
  while (length < ENOUGH) {
    const { value, done } = await chunks.next()
    if (done) break
    seen.push(value)
    length += value.length
  }
  async function* whole() {
    yield* seen.splice(0)
    yield* { [Symbol.asyncIterator]: () => chunks }
  }
  return { format: formatOf(Buffer.concat(seen).toString('utf8')), whole: whole() }
}

export function formatOf(beginning: string): Format | null {
  const text = beginning.replace(/^\uFEFF/, '').trimStart()
  if (text.startsWith('<')) return /<rss\b|wordpress\.org\/export/.test(text) ? 'wxr' : null
  if (/^\{\s*"type"\s*:\s*"dateline"/.test(text)) return 'ndjson'
  return /^\{\s*"(db|data|meta)"\s*:/.test(text) ? 'ghost' : null
}
