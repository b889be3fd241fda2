/** XML 1.0 in which any text can stand. */

/** XML as it is printed; made by `xml` only. */
export type Markup = { markup: string }
type Value = string | number | Markup | Markup[] | null

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** What XML 1.0 (2.2, Char) cannot hold, not even as a reference: most control characters, half a pair, U+FFFE. */
const IMPOSSIBLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

/** White space is written as references too: in attributes it would become blanks, and CR becomes LF anywhere. */
const references: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;'
}

/** Text as it can stand in elements and attributes. What XML cannot hold is left out. */
export const escapeXml = (text: string) =>
  text.replace(IMPOSSIBLE, '').replace(/[&<>"'\t\n\r]/g, (character) => references[character] as string)

/** Text as HTML, for formats whose text is HTML. */
export const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (character) => references[character] as string)

const print = (value: Value): string => {
  if (value === null) return ''
  if (typeof value === 'object') return [value].flat().reduce((text, { markup }) => text + markup, '')
  return escapeXml(String(value))
}

/** Markup from a template: whatever is put into it is text, unless it was made by `xml` itself. null is nothing. */
export const xml = (parts: TemplateStringsArray, ...values: Value[]): Markup => ({
  markup: parts.reduce((text, part, index) => text + print(values[index - 1] ?? null) + part)
})

/** The whole document. */
export const xmlDocument = ({ markup }: Markup): string => `${DECLARATION}${markup}\n`
