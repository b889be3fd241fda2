/** Texts of other systems, made plain and fit for ours. */
import { Parser } from 'htmlparser2'
import type { Losses } from './report.ts'

const NO_TEXT = /[^\t\n\P{Cc}]|\p{Cs}|\p{Noncharacter_Code_Point}/gu
/** Of a text that is to become one line; what is longer is cut in any case. */
const LONGEST_READ = 20_000

/** Without what is no text: control characters, halves of surrogate pairs, noncharacters. */
export function cleaned(text: string, lost: Losses): string {
  const even = text.replace(/\r\n?/g, '\n')
  const clean = even.replace(NO_TEXT, '')
  if (clean.length < even.length) lost.add('characters that are no text removed', even.length - clean.length)
  return clean
}

/** The text of a fragment of HTML, in one line. */
export function plain(html: string, lost: Losses): string {
  let text = ''
  const parser = new Parser({
    ontext(data) {
      text += data
    },
    onopentagname() {
      text += ' '
    }
  })
  // Tags within a word, as in `H<sub>2</sub>O`, are rare in a title; what they stand between is not glued together.
  const source = cleaned(html, lost).slice(0, LONGEST_READ)
  if (/[<&]/.test(source)) {
    parser.write(source.replace(/<\/?(?:b|i|em|strong|span|sub|sup|u|mark|small)(?:\s[^<>]{0,500})?>/gi, ''))
    parser.end()
  } else text = source
  return cleaned(text, lost).replace(/\s+/g, ' ').trim()
}

/** At most `longest` UTF-16 units, cut at a blank where there is one, never within a pair of surrogates. */
export function cut(text: string, longest: number, what: string, lost: Losses): string {
  if (text.length <= longest) return text
  lost.add(`${what} cut after ${longest} characters`)
  const head = text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')
  const blank = head.lastIndexOf(' ')
  return `${(blank > longest / 2 ? head.slice(0, blank) : head).trimEnd()}…`
}

/** A copy: a part of a text keeps the whole of it in memory, and what is kept to the end would keep the whole file. */
export const owned = (text: string) => Buffer.from(text).toString()
