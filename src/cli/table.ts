/** Rows as people read them: columns that stand under each other. */
import { harmless } from './harmless.ts'

const GAP = '  '

/** A line of names, then a line for each row. Nothing is cut off: lines are for `grep` too. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map((name) => name.toUpperCase()), ...rows.map((row) => row.map(harmless))]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index] ?? ''))))
  return lines
    .map((line) =>
      columns
        .map((_, index) => pad(line[index] ?? '', widths[index]))
        .join(GAP)
        .trimEnd()
    )
    .join('\n')
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** What takes two columns: UAX 11, wide and full width, by the scripts and blocks they are of. */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Tangut}\u3000-\u303e\u30fb\u30fc\u3190-\u31e3\u3200-\u33ff\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u
/** Katakana and Hangul of half the width. */
const NARROW = /^[\uff61-\uffdc]/
/** Signs that are pictures because it says so behind them, and flags. */
const PICTURE = /^(\p{Emoji}\ufe0f|\p{RI}\p{RI}|[#*0-9]\ufe0f?\u20e3)/u
const NOTHING = /^[\p{M}\p{Cf}]+$/u

/** Columns of a terminal. */
export function widthOf(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(text)) {
    if (NOTHING.test(segment)) continue
    const isWide = PICTURE.test(segment) || (WIDE.test(segment) && !NARROW.test(segment))
    width += isWide ? 2 : 1
  }
  return width
}

const pad = (text: string, width = 0) => text + ' '.repeat(width - widthOf(text))

/** To the minute, in UTC; a dash for what never was. */
export const moment = (at: Date | null) => (at ? at.toISOString().replace(/:\d\d\.\d+Z$/, 'Z') : '-')
