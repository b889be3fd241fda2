/** Words, as `search_text` in the database knows them, and what somebody who searches means by them. */

/** No letters of their own: accents that do not compose, stress and vowel marks, soft hyphens, joiners. */
const IGNORED =
  '\\u00ad\\u0300-\\u036f\\u055b\\u055c\\u055e\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u3099\\u309a\\ufe00-\\ufe0f\\ufeff'
/** Han and kana, which stand without blanks: each is a word. */
const SINGLE =
  '\\u3005-\\u3007\\u3041-\\u3096\\u30a1-\\u30fa\\u30fc\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}'
/**
 * What stands between words. Some of IGNORED are in its ranges: those are looked for first. U+1FBE is not: it is a mark
 * that normalizes to a letter.
 */
const BETWEEN =
  '\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a9\\u00ab-\\u00b4\\u00b6-\\u00b9\\u00bb-\\u00bf\\u00d7\\u00f7\\u02b9-\\u02df\\u0374\\u037e\\u0384\\u0385\\u0387\\u055a\\u055d\\u055f\\u0589\\u058a\\u05be\\u05c0\\u05c3\\u05c6\\u05f3\\u05f4\\u060c\\u061b-\\u061f\\u066a-\\u066d\\u06d4\\u0964\\u0965\\u0970\\u0e2f\\u0e5a\\u0e5b\\u1fbd\\u1fbf-\\u1fc1\\u1fcd-\\u1fcf\\u1fdd-\\u1fdf\\u1fed-\\u1fef\\u1ffd\\u1ffe\\u2000-\\u206f\\u20a0-\\u20cf\\u2100-\\u2125\\u2127-\\u2129\\u212c-\\u214f\\u2190-\\u2bff\\u2e00-\\u2e7f\\u3000-\\u3004\\u3008-\\u3020\\u3030\\u303d\\u30fb\\ufe10-\\ufe6f\\uff01-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65\\uffe0-\\uffff\\u{1f000}-\\u{1faff}'

const ignored = new RegExp(`[${IGNORED}]+`, 'gu')
const word = new RegExp(
  `[${IGNORED}]*(?:[${SINGLE}][${IGNORED}]*|(?:[^${BETWEEN}${SINGLE}${IGNORED}][${IGNORED}]*)+)`,
  'gu'
)
/** The same in a text that has nothing of IGNORED. */
const plainWord = new RegExp(`[${SINGLE}]|[^${BETWEEN}${SINGLE}]+`, 'gu')

export type Word = {
  /** As `search_text` writes it. */
  text: string
  /** Where it stands, in UTF-16 units; `end` is exclusive. */
  start: number
  end: number
}

/** The words of a text in their order. */
export function wordsOf(text: string): Word[] {
  // Nearly every text is composed and has nothing to ignore: asked once, it need not be asked for each letter.
  const isPlain = text.search(ignored) === -1 && text.normalize('NFC') === text
  return [...text.matchAll(isPlain ? plainWord : word)].map(({ 0: found, index }) => ({
    text: isPlain ? found : found.normalize('NFC').replace(ignored, ''),
    start: index,
    end: index + found.length
  }))
}

/** A word or a phrase. Terms of a group must all be there (negated: not be there); one group is enough. */
export type Term = { group: number; negated: boolean; words: string }

/** More words than these say nothing more, and cost. */
export const MAX_WORDS = 24
/** A longer one is cut: no lexeme may exceed 2 KB. */
const MAX_LETTERS = 50

/**
 * What was typed, in the syntax that people know from the web: words, "phrases", `or`, and `-` before what must not be
 * there. Nothing is a fault: what means nothing is passed over.
 */
export function termsOf(typed: string): Term[] {
  const terms: Term[] = []
  let group = 0
  let room = MAX_WORDS
  for (const [, minus, phrase, plain = ''] of typed
    .replace(/[“”„‟«»]/g, '"')
    .matchAll(/(-?)(?:"([^"]*)(?:"|$)|([^\s"]+))/gu)) {
    if (/^or$/i.test(plain) && !minus && terms.length > 0) {
      group++
      continue
    }
    const words = wordsOf(phrase ?? plain)
      .slice(0, room)
      .map(({ text }) => [...text].slice(0, MAX_LETTERS).join(''))
    if (words.length === 0) continue
    room -= words.length
    terms.push({ group, negated: minus === '-', words: words.join(' ') })
  }
  return terms
}
