/** WordPress's export files (WXR) as records, one after another: a file of any size, a few records in memory. */
import { createReadStream } from 'node:fs'
import { TextDecoder } from 'node:util'
import { SaxesParser } from 'saxes'
import { Problem } from '../http/errors.ts'

export type Fields = Map<string, string>
export type WxrTerm = { domain: string; nicename: string; name: string }
export type WxrItem = {
  fields: Fields
  terms: WxrTerm[]
  meta: Fields
  /** A post has one for each time its slug was changed. */
  formerSlugs: string[]
  comments: number
  /** More text than an article has: nothing of it was kept. */
  tooLarge: boolean
}
export type WxrRecord =
  | { is: 'head'; name: string; text: string }
  | { is: 'author' | 'category' | 'tag' | 'term'; fields: Fields }
  | { is: 'item'; item: WxrItem }
  | { is: 'unfit'; characters: number }

/** A file that is not what it should be; the message says where. */
export class FileFault extends Problem {
  constructor(message: string) {
    super('invalid_request', message)
  }
}

const RECORDS = new Map<string, 'author' | 'category' | 'tag' | 'term'>([
  ['wp:author', 'author'],
  ['wp:category', 'category'],
  ['wp:tag', 'tag'],
  ['wp:term', 'term']
])
const LARGEST_ITEM = 16 * 1024 * 1024
/** Between two tags; what has no end is not held. */
const LARGEST_TEXT = 64 * 1024 * 1024
const DEEPEST = 1_000
const MOST_SLUGS = 100
/** XML has no way to write these, and WordPress writes them all the same. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNFIT = /[\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/g

/** Throws FileFault, with line and column, at the first thing that is no XML or no WXR. */
export async function* readWxr(path: string): AsyncGenerator<WxrRecord> {
  const parser = new SaxesParser({ xmlns: false, position: true })
  const ready: WxrRecord[] = []
  const names: string[] = []
  let text = ''
  let attributes: Record<string, string> = {}
  let item: WxrItem | undefined
  let fields: Fields | undefined
  let sub: Fields | undefined
  let size = 0
  let sinceEvent = 0
  let fault: Error | undefined

  const record = () => fields ?? item?.fields
  parser.on('error', (error) => {
    fault ??= faultOf(error.message)
  })
  parser.on('opentag', ({ name, attributes: given }) => {
    sinceEvent = 0
    names.push(name)
    if (names.length > DEEPEST) fault ??= faultOf(`${parser.line}:${parser.column}: tags are nested too deep`)
    text = ''
    attributes = given as Record<string, string>
    if (names.length === 1 && name !== 'rss')
      fault ??= new FileFault(`This is no export of WordPress: the document is a <${name}>, not an <rss>.`)
    if (names.length === 3 && names[1] === 'channel') {
      size = 0
      if (name === 'item')
        item = {
          fields: new Map(),
          terms: [],
          meta: new Map(),
          formerSlugs: [],
          comments: 0,
          tooLarge: false
        }
      else if (RECORDS.has(name)) fields = new Map()
    }
    if (names.length === 4) sub = new Map()
  })
  const collect = (part: string) => {
    sinceEvent = 0
    size += part.length
    if (size <= LARGEST_ITEM) text += part
    else if (item) item.tooLarge = true
  }
  parser.on('text', collect)
  parser.on('cdata', collect)
  parser.on('comment', () => {
    sinceEvent = 0
  })
  parser.on('closetag', ({ name }) => {
    sinceEvent = 0
    const depth = names.length
    names.pop()
    if (depth === 5) sub?.set(name, text)
    if (depth === 4) {
      if (item && name === 'category')
        item.terms.push({ domain: attributes.domain ?? '', nicename: attributes.nicename ?? '', name: text })
      else if (item && name === 'wp:postmeta') {
        const key = sub?.get('wp:meta_key')
        const value = sub?.get('wp:meta_value') ?? ''
        if (key && item.meta.size < 10_000) item.meta.set(key, value)
        if (key === '_wp_old_slug' && item.formerSlugs.length < MOST_SLUGS) item.formerSlugs.push(value)
      } else if (item && name === 'wp:comment') item.comments += 1
      else record()?.set(name, text)
      sub = undefined
    }
    if (depth === 3) {
      const kind = RECORDS.get(name)
      if (item && name === 'item') {
        if (item.tooLarge) item.fields.delete('content:encoded')
        ready.push({ is: 'item', item })
      } else if (fields && kind) ready.push({ is: kind, fields })
      else ready.push({ is: 'head', name, text })
      item = undefined
      fields = undefined
    }
    text = ''
  })

  let unfit = 0
  for await (const piece of decoded(path)) {
    const fit = piece.replace(UNFIT, () => {
      unfit += 1
      return ' '
    })
    sinceEvent += fit.length
    try {
      parser.write(fit)
    } catch (error) {
      fault ??= faultOf((error as Error).message)
    }
    if (sinceEvent > LARGEST_TEXT)
      fault ??= faultOf(`${parser.line}:${parser.column}: a text of more than 64 MB has no end`)
    if (fault) throw fault
    yield* ready.splice(0)
  }
  try {
    parser.close()
  } catch (error) {
    fault ??= faultOf((error as Error).message)
  }
  if (fault) throw fault
  yield* ready.splice(0)
  if (unfit > 0) yield { is: 'unfit', characters: unfit }
}

/** What saxes says: `12:7: unexpected close tag.` */
function faultOf(message: string): FileFault {
  const match = /^(?:.*?:)?(\d+):(\d+): (.*)$/s.exec(message)
  return match
    ? new FileFault(`Line ${match[1]}, column ${match[2]}: this is no XML: ${match[3]}`)
    : new FileFault(`This is no XML: ${message}`)
}

/** The text of a file in the encoding its XML declaration names, UTF-8 if it names none. */
async function* decoded(path: string): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  let first: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    if (!decoder) {
      first = Buffer.concat([first, chunk])
      if (first.length < 200) continue
      decoder = decoderFor(first)
      yield decode(decoder, first)
    } else yield decode(decoder, chunk)
  }
  if (!decoder) {
    if (first.length === 0) throw new FileFault('The file is empty.')
    decoder = decoderFor(first)
    yield decode(decoder, first)
  }
  yield decode(decoder)
}

function decoderFor(bytes: Buffer): TextDecoder {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le', { fatal: true })
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be', { fatal: true })
  const head = bytes.subarray(0, 200).toString('latin1')
  const label = /^[^<]*<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(label, { fatal: true })
  } catch {
    throw new FileFault(`The file is in ${label}, which cannot be read here. Save it as UTF-8.`)
  }
}

function decode(decoder: TextDecoder, chunk?: Buffer): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
  } catch {
    throw new FileFault(`The file is not ${decoder.encoding.toUpperCase()}, as it says or as is usual.`)
  }
}
