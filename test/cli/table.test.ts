/** Names that somebody else wrote, in columns on a terminal. */
import t from 'tap'
import { harmless, harmlessLines } from '../../src/cli/harmless.ts'
import { table, widthOf } from '../../src/cli/table.ts'

const shown: [string, string, string][] = [
  ['an escape', 'Vera\u001b[2J\u001b[31m', 'Vera\\u{1b}[2J\\u{1b}[31m'],
  ['an escape of one character', 'Vera\u009b31m', 'Vera\\u{9b}31m'],
  ['two lines', 'Vera\r\nroot  admin', 'Vera\\r\\nroot  admin'],
  ['a tab, a bell, a deletion', 'a\tb\u0007c\u007f', 'a\\tb\\u{7}c\\u{7f}'],
  ['a line end of Unicode', 'a\u2028b\u2029c\u0085d', 'a\\u{2028}b\\u{2029}c\\u{85}d'],
  [
    'what turns the direction',
    '\u202egnp.exe\u202c \u2066a\u2069 \u200fb',
    '\\u{202e}gnp.exe\\u{202c} \\u{2066}a\\u{2069} \\u{200f}b'
  ],
  ['what is not seen', 've\u200bra\ufeff\u00ad', 've\\u{200b}ra\\u{feff}\\u{ad}'],
  ['half a character', 'a\ud800', 'a\\u{d800}'],
  ['scripts and emoji that take joiners', 'علی\u200cرضا 🧑‍🚀 नि', 'علی\u200cرضا 🧑‍🚀 नि'],
  ['a backslash', 'a\\n', 'a\\n']
]
for (const [what, text, expected] of shown)
  t.test(what, async (t) => {
    t.equal(harmless(text), expected)
    t.equal(table(['name'], [[text]]), `NAME\n${expected}`)
  })

t.equal(harmlessLines('one\u001b[1m\ntwo'), 'one\\u{1b}[1m\ntwo', 'lines of ours stay lines')

const widths: [string, number][] = [
  ['Vera', 4],
  ['Zoë', 3],
  ['Zoe\u0308', 3],
  ['山田太郎', 8],
  ['한글', 4],
  ['\u1112\u1161\u11ab', 2],
  ['ｱﾆﾒ', 3],
  ['ＡＢ', 4],
  ['かな、', 6],
  ['👩‍👩‍👧', 2],
  ['🧑🏽‍🚀', 2],
  ['❤️', 2],
  ['🇳🇴🇸🇪', 4],
  ['1️⃣', 2],
  ['กำ', 1],
  ['Нурия', 5],
  ['a\u200cb', 2]
]
for (const [text, width] of widths) t.equal(widthOf(text), width, text)

t.test('columns stand under each other', async (t) => {
  const names = [...widths.map(([text]) => text), 'Ve\u001bra']
  const lines = table(
    ['name', 'role'],
    names.map((name) => [name, 'editor'])
  ).split('\n')
  t.equal(lines.length, names.length + 1)
  const places = lines.map((line) => widthOf(line.slice(0, line.search(/ROLE|editor/))))
  t.equal(new Set(places).size, 1, `${places}`)
})
