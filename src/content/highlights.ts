/** Where the words that were searched for stand in what is shown. */
import { wordsOf } from './search-words.ts'

export const highlightedFields = ['headline', 'kicker', 'standfirst', 'dateline'] as const
type Field = (typeof highlightedFields)[number]

export type Highlight = { field: Field; start: number; end: number }

/** What is searched for, of a `tsquery` as Postgres writes it. */
export function lexemesOf(query: string): Set<string> {
  const quoted = query.matchAll(/'((?:[^']|'')*)'/g)
  return new Set(Array.from(quoted, ([, text = '']) => text.replaceAll("''", "'").replaceAll('\\\\', '\\')))
}

/**
 * The places of the words that come down to one of the lexemes, field by field and from left to right, in UTF-16 units of
 * the text shown; `end` is exclusive. None overlap. `stems` has a line for each word of the fields, as `search_stems`
 * writes it.
 */
export function highlightsOf(item: Record<Field, string>, stems: string, lexemes: Set<string>): Highlight[] {
  const isFound = stems.split('\n').map((stem) => stem.split('\t').some((lexeme) => lexemes.has(lexeme)))
  if (!isFound.includes(true)) return []
  let word = 0
  return highlightedFields.flatMap((field) =>
    wordsOf(item[field])
      .filter(() => isFound[word++])
      .map(({ start, end }) => ({ field, start, end }))
  )
}
