/** Rows as the hand-written statements ask for them, and what is shown of each. */
import { HIGHLIGHTED, MARK } from './hand-sql-search.ts'

export type Row = {
  id: string
  publishedAt: Date
  template: string
  locale: string
  slug: string
  [column: string]: unknown
}

/** The address stands where the API has it. */
export function shown({ id, storyId, locale, slug, template, ...rest }: Row) {
  const url = template.replace('{locale}', locale).replace('{slug}', slug)
  return { id, storyId, locale, slug, url, ...rest }
}

/** With what only a single article shows. */
export function shownWhole({ html, translations, ...row }: Row) {
  return { ...shown(row as Row), body: { html }, translations }
}

/** With where the words found stand: every second piece is one. */
export function shownFound({ score: _, marked, ...row }: Row) {
  const highlights = (marked as string[]).flatMap((text, index) => {
    let end = 0
    return text.split(MARK).flatMap((piece, part) => {
      const start = end
      end += piece.length
      return part % 2 === 1 ? [{ field: HIGHLIGHTED[index], start, end }] : []
    })
  })
  return { ...shown(row as Row), highlights }
}
