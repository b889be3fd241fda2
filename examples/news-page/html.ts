/** Markup from template literals: everything put in is escaped, unless it is markup already. */

export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Markup | null | undefined | false | Part[]

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string)

export function html(literals: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(literals.reduce((text, literal, index) => text + print(parts[index - 1]) + literal))
}

function print(part: Part): string {
  if (part === null || part === undefined || part === false) return ''
  if (part instanceof Markup) return part.text
  return Array.isArray(part) ? part.map(print).join('') : escaped(String(part))
}

/** For what Dateline has made safe itself: the body of an article, and what it tells search engines. */
export const asGiven = (text: string) => new Markup(text)

/** An address for an attribute. What no link of a newspaper should do (`javascript:`) leads nowhere. */
export const href = (url: string) => (/^(https?:|mailto:|\/(?!\/)|#)/i.test(url) ? url : '#')

/** A sentence of the API with a placeholder, such as `{link}`, filled in with markup. */
export function fill(sentence: string, name: string, value: Markup): Markup {
  const pieces = sentence.split(`{${name}}`)
  return html`${pieces.map((piece, index) => [index > 0 && value, piece])}`
}

type Range = { start: number; end: number }

/** A text with ranges of it marked, in UTF-16 units. Ranges may come in any order and overlap. */
export function marked(text: string, ranges: Range[]): Markup {
  const parts: Part[] = []
  let done = 0
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const from = Math.max(start, done)
    const to = Math.min(end, text.length)
    if (to <= from) continue
    parts.push(text.slice(done, from), html`<mark>${text.slice(from, to)}</mark>`)
    done = to
  }
  return html`${parts}${text.slice(done)}`
}
