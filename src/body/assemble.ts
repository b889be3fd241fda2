import type { Problem } from '../http/errors.ts'
import { type Decorator, decorators, keepBlocks } from './blocks.ts'
import { type ListKind, trackLists } from './lists.ts'
import { bodyLimits, type GivenBlock, type StoredBlock } from './schema.ts'

/** Text as Markdown and HTML have it: with what is on it, before links get keys. */
export type Run = { text: string; marks: readonly Decorator[]; href: string | undefined }

/** Adds text to runs; marks in a fixed order, so that the same text always reads as the same spans. */
export function addRun(runs: Run[], text: string, on: Iterable<Decorator>, href: string | undefined) {
  const present = new Set(on)
  const marks = decorators.filter((mark) => present.has(mark))
  const last = runs.at(-1)
  if (last && last.href === href && last.marks.join() === marks.join()) last.text += text
  else runs.push({ text, marks, href })
}

type Frame =
  | { is: 'list'; kind: ListKind; level: number; next: number }
  | {
      is: 'item'
      kind: ListKind
      level: number
      number: number
      at: number
      filled: boolean
      nested: boolean
    }
  | { is: 'quote'; at: number; filled: boolean }

type Style = 'normal' | 'h2' | 'h3' | 'h4'

/**
 * Puts blocks together from what a reader of Markdown or HTML meets, in order, and refuses what Portable Text has no
 * place for. `at` is a place in the source, which `refuse` knows how to name.
 */
export function assemble(refuse: (at: number, message: string, code: string) => Problem) {
  const blocks: GivenBlock[] = []
  const places: number[] = []
  const numbers = new Map<number, number>()
  const frames: Frame[] = []

  const add = (block: GivenBlock, at: number) => {
    if (blocks.length === bodyLimits.blocks) {
      throw refuse(at, `A body may have at most ${bodyLimits.blocks} blocks.`, 'too_many_blocks')
    }
    blocks.push(block)
    places.push(at)
  }

  /** Images, embeds and dividers stand between paragraphs, never inside something. */
  const addAlone = (block: GivenBlock, at: number) => {
    const where = frames.at(-1)?.is === 'quote' ? 'a quotation' : 'a list'
    const what = block._type === 'image' ? 'An image' : block._type === 'embed' ? 'An embed' : 'A divider'
    if (frames.length > 0) throw refuse(at, `${what} cannot stand inside ${where}.`, `${block._type}_inside`)
    add(block, at)
  }

  const addText = (style: Style, runs: Run[], at: number) => {
    const frame = frames.at(-1)
    const quote = frame?.is === 'quote' ? frame : undefined
    const item = frames.findLast((one) => one.is === 'item')
    if (quote && style !== 'normal') {
      throw refuse(at, 'A heading cannot stand inside a quotation.', 'heading_in_quote')
    }
    if (frame?.is === 'list') throw refuse(at, 'A list holds items, not text.', 'text_in_list')
    if (item?.filled) {
      throw refuse(
        at,
        'A list item holds one paragraph; a second one cannot be kept.',
        'list_item_paragraphs'
      )
    }
    if (item?.nested) {
      throw refuse(at, 'Text after the inner list of a list item cannot be kept.', 'list_item_paragraphs')
    }
    if (quote) quote.filled = true
    if (item) {
      item.filled = true
      numbers.set(blocks.length, item.number)
    }
    add(textBlock(quote ? 'blockquote' : style, runs, item), at)
  }

  return {
    /** Whether we are in no list and no quotation. */
    atTop: () => frames.length === 0,
    text: addText,
    alone: addAlone,

    openList(kind: ListKind, start: number, at: number) {
      const parent = frames.at(-1)
      if (parent?.is === 'quote') throw refuse(at, 'A list cannot stand inside a quotation.', 'list_in_quote')
      const level = (parent?.level ?? 0) + 1
      if (level > bodyLimits.level) {
        throw refuse(at, `Lists can be nested ${bodyLimits.level} deep at most.`, 'list_too_deep')
      }
      if (parent?.is === 'item') parent.nested = true
      frames.push({ is: 'list', kind, level, next: start })
    },
    openItem(at: number) {
      const list = frames.at(-1)
      if (list?.is !== 'list') throw refuse(at, 'A list item stands outside a list.', 'item_outside_list')
      const { kind, level, next: number } = list
      list.next += 1
      frames.push({ is: 'item', kind, level, number, at, filled: false, nested: false })
    },
    openQuote(at: number) {
      if (frames.at(-1)?.is === 'list') throw refuse(at, 'A list holds items, not text.', 'text_in_list')
      if (frames.at(-1)?.is === 'quote') {
        throw refuse(at, 'A quotation inside a quotation cannot be kept.', 'nested_quote')
      }
      frames.push({ is: 'quote', at, filled: false })
    },
    /** Ends the innermost list, item or quotation. What is empty becomes an empty block. */
    close() {
      const frame = frames.at(-1)
      if (frame?.is === 'quote' && !frame.filled) addText('normal', [], frame.at)
      if (frame?.is === 'item' && !frame.filled && !frame.nested) addText('normal', [], frame.at)
      frames.pop()
    },

    /** Checks the whole and gives it keys. */
    finish(): StoredBlock[] {
      checkNumbers(blocks, numbers, (index, message) => refuse(places[index] ?? 0, message, 'list_numbers'))
      return keepBlocks(blocks, (path, message, code) => {
        const index = Number(/^\/(\d+)/.exec(path)?.[1] ?? 0)
        return refuse(places[index] ?? 0, message, code)
      })
    }
  }
}

function textBlock(
  style: Style | 'blockquote',
  runs: Run[],
  item: { kind: ListKind; level: number } | undefined
): GivenBlock {
  const links = new Map<string, string>()
  const children = runs.map(({ text, marks, href }) => {
    if (href === undefined) return { _type: 'span' as const, text, marks: [...marks] }
    const key = links.get(href) ?? `l${links.size}`
    links.set(href, key)
    return { _type: 'span' as const, text, marks: [...marks, key] }
  })
  return {
    _type: 'block',
    style,
    ...(item && { listItem: item.kind, level: item.level }),
    children,
    markDefs: [...links].map(([href, _key]) => ({ _type: 'link', _key, href }))
  }
}

/** Portable Text counts list items itself: a list that begins elsewhere, or anew, would change its numbers. */
function checkNumbers(
  blocks: GivenBlock[],
  numbers: Map<number, number>,
  refuse: (index: number, message: string) => Problem
) {
  const lists = trackLists()
  blocks.forEach((block, index) => {
    if (block._type !== 'block' || !block.listItem) {
      lists.end()
      return
    }
    const { number } = lists.item(block.listItem, block.level ?? 1)
    const wanted = numbers.get(index)
    if (block.listItem === 'bullet' || wanted === number) return
    throw refuse(
      index,
      `This item is number ${wanted} in the source and would become ${number}: a numbered list begins with 1, and two of them need something between them.`
    )
  })
}
