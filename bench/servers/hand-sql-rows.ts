/** Rows as `hand-sql-statements.ts` asks for them, and what is shown of each. */
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
