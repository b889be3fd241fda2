/** Where the words that were searched for stand in what is shown. */
import { wordsOf } from './search-words.ts'

export const highlightedFields = ['headline', 'kicker', 'standfirst', 'dateline'] as const
type Field = (typeof highlightedFields)[number]

export type Highlight = { field: Field; start: number; end: number }

/**
 * The places of the words that `matched` holds (as `wordsOf` writes them), field by field and from left to right, in
 * UTF-16 units of the text shown; `end` is exclusive. None overlap.
 */
export function highlightsOf(item: Record<Field, string>, matched: Iterable<string>): Highlight[] {
  const known = new Set(matched)
  return highlightedFields.flatMap((field) =>
    wordsOf(item[field])
      .filter(({ text }) => known.has(text))
      .map(({ start, end }) => ({ field, start, end }))
  )
}
