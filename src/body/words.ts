export const segmenter = new Intl.Segmenter('und', { granularity: 'word' })
const blank = /[^\P{White_Space}\u202F]+/u
/** One plain word or number in an alphabet with blanks between words, with punctuation around it. */
const plain =
  /^[\p{Ps}\p{Pi}\p{Pf}\p{Pd}"']*(?:(?:(?=\p{L})[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}])+|[0-9]+)[\p{Pe}\p{Pi}\p{Pf}\p{Pd}"'.,;:!?…،؛؟]*$/u
const longest = 256

/**
 * How many words a text has, by the rules of Unicode (UAX 29; dictionaries for Chinese, Japanese, Thai …). Most words
 * are counted without the segmenter, and it gets short pieces only: its time grows with the square of the length.
 * A stretch of more than 256 characters without blanks is cut, at punctuation if there is any: ±1 a cut.
 */
export function wordsIn(text: string): number {
  let count = 0
  for (const token of text.split(blank)) {
    if (token === '') continue
    if (token.length <= 64 && plain.test(token)) count += 1
    else for (const piece of cut(token)) count += segmented(piece)
  }
  return count
}

function segmented(piece: string) {
  let count = 0
  for (const { isWordLike } of segmenter.segment(piece)) count += Number(isWordLike)
  return count
}

/** Pieces short enough for the segmenter. */
export function* cut(token: string) {
  for (let from = 0; from < token.length; ) {
    let to = Math.min(from + longest, token.length)
    if (to < token.length) {
      for (let back = to; back > from; back--) {
        if (!'，。、！？；：…'.includes(token[back - 1] as string)) continue
        to = back
        break
      }
      if (/[\uD800-\uDBFF]/.test(token[to - 1] as string)) to -= 1
    }
    yield token.slice(from, to)
    from = to
  }
}
