import type { Decorator } from './blocks.ts'
import type { StoredTextBlock } from './schema.ts'

export type Mark = Exclude<Decorator, 'code'> | { href: string }
/** The spans of a block as a tree. Code is a kind of text, so that it is always innermost, as Markdown wants it. */
export type Inline = { text: string; code: boolean } | { mark: Mark; children: Inline[] }

type Piece = { text: string; code: boolean; marks: Map<string, Mark> }

/** Nests spans, the mark that reaches furthest outermost. Links are never split, so that one link stays one link. */
export function nestSpans(block: StoredTextBlock): Inline[] {
  const hrefs = new Map(block.markDefs.map(({ _key, href }) => [_key, href]))
  const pieces = block.children
    .filter(({ text }) => text !== '')
    .map(({ text, marks }) => ({ text, code: marks.includes('code'), marks: marksOf(marks, hrefs) }))
  return nest(pieces, 0, pieces.length, new Set())
}

function marksOf(marks: string[], hrefs: Map<string, string>) {
  const found = new Map<string, Mark>()
  for (const mark of marks) {
    const href = hrefs.get(mark)
    // A second look at what is stored: nothing but these addresses is ever rendered as a link.
    if (href !== undefined && /^(https?:\/\/|mailto:)/i.test(href)) found.set(`link ${href}`, { href })
    if (mark === 'strong' || mark === 'em' || mark === 'strike-through') found.set(mark, mark)
  }
  return found
}

function nest(pieces: Piece[], from: number, to: number, open: Set<string>): Inline[] {
  const nodes: Inline[] = []
  for (let index = from; index < to; ) {
    const piece = pieces[index] as Piece
    const runs = [...piece.marks.keys()]
      .filter((key) => !open.has(key))
      .map((key) => ({ key, end: runEnd(pieces, index, to, key) }))
      .sort(
        (a, b) => b.end - a.end || Number(isLink(b.key)) - Number(isLink(a.key)) || (a.key < b.key ? 1 : -1)
      )
    const [longest] = runs
    if (longest) {
      const children = nest(pieces, index, longest.end, new Set([...open, longest.key]))
      nodes.push({ mark: piece.marks.get(longest.key) as Mark, children })
      index = longest.end
      continue
    }
    const last = nodes.at(-1)
    if (last && 'text' in last && last.code === piece.code) last.text += piece.text
    else nodes.push({ text: piece.text, code: piece.code })
    index += 1
  }
  return nodes
}

/** Where the run of a mark ends: before the first piece without it, or before a link that reaches further. */
function runEnd(pieces: Piece[], from: number, to: number, key: string) {
  let end = from
  while (end < to && pieces[end]?.marks.has(key)) end += 1
  if (isLink(key) || end === to || end === from) return end
  const link = linkOf(pieces[end])
  if (!link) return end
  let begin = end
  while (begin > from && linkOf(pieces[begin - 1]) === link) begin -= 1
  return begin > from ? begin : end
}

const isLink = (key: string) => key.startsWith('link ')
const linkOf = (piece: Piece | undefined) => (piece ? [...piece.marks.keys()].find(isLink) : undefined)
