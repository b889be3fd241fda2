/** Blocks from what a lenient reader meets. What a block may not hold is spread over several. */
import type { Run } from '../body/assemble.ts'
import { bodyLimits, type GivenBlock } from '../body/schema.ts'
import type { Losses } from './report.ts'
import { cut } from './texts.ts'

type TextBlock = Extract<GivenBlock, { _type: 'block' }>
export type TextStyle = NonNullable<TextBlock['style']>
export type Item = { kind: 'bullet' | 'number'; level: number }
export type GivenImage = Extract<GivenBlock, { _type: 'image' }>

/** More is never kept; to go on collecting would only take memory. */
const MOST_BLOCKS = bodyLimits.blocks + 1

export function blockBuilder(lost: Losses) {
  const blocks: GivenBlock[] = []
  const add = (block: GivenBlock) => {
    if (blocks.length < MOST_BLOCKS) blocks.push(block)
  }
  return {
    blocks,
    add,
    text(style: TextStyle, runs: Run[], item: Item | undefined) {
      const pieces = runs.flatMap(inPieces)
      for (let from = 0; from < pieces.length; from += bodyLimits.children) {
        if (from > 0) lost.add('paragraph of very many pieces cut into several')
        const { children, markDefs } = spansOf(pieces.slice(from, from + bodyLimits.children))
        const listItem = item && { listItem: item.kind, level: item.level }
        add({ _type: 'block', style, ...listItem, children, markDefs })
      }
    },
    image(image: Omit<GivenImage, '_type'>) {
      add({ _type: 'image', ...image, alt: cut(image.alt, bodyLimits.alt, 'description of an image', lost) })
    },
    /** Gives the last image since `from` a caption and a credit. Answers whether there was one without. */
    caption(from: number, caption: string, credit: string): boolean {
      for (let index = blocks.length - 1; index >= from; index--) {
        const block = blocks[index]
        if (block?._type !== 'image') continue
        if (block.caption || block.credit) return false
        block.caption = cut(caption, bodyLimits.caption, 'caption of an image', lost) || null
        block.credit = cut(credit, bodyLimits.credit, 'credit of an image', lost) || null
        return true
      }
      return false
    }
  }
}

/** A run longer than a span may be, as several. */
function inPieces(run: Run): Run[] {
  if (run.text.length <= bodyLimits.text) return [run]
  const pieces: Run[] = []
  for (let from = 0; from < run.text.length; ) {
    let to = Math.min(from + bodyLimits.text, run.text.length)
    if (to < run.text.length && /[\uD800-\uDBFF]/.test(run.text[to - 1] ?? '')) to -= 1
    pieces.push({ ...run, text: run.text.slice(from, to) })
    from = to
  }
  return pieces
}

function spansOf(runs: Run[]) {
  const links = new Map<string, string>()
  const children = runs.map(({ text, marks, href }) => {
    if (href === undefined) return { _type: 'span' as const, text, marks: [...marks] as string[] }
    const key = links.get(href) ?? `l${links.size}`
    links.set(href, key)
    return { _type: 'span' as const, text, marks: [...marks, key] }
  })
  return { children, markDefs: [...links].map(([href, _key]) => ({ _type: 'link' as const, _key, href })) }
}
