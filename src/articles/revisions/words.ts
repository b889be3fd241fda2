/** Which words of a text were removed and inserted, at a cost that has an end. */
import { diffArrays } from 'diff'
import { cut, segmenter } from '../../body/words.ts'

export type WordChange = { op: 'same' | 'inserted' | 'removed'; text: string }

/**
 * What a comparison may still cost, in about microseconds. It is counted and not measured, so that the same two texts
 * always give the same answer.
 */
export type Budget = { left: number }

/** A bound for everything one request compares. */
export const newBudget = (): Budget => ({ left: 120_000 })

/** No paragraph takes what the others need: one that was written anew is shown as that. */
const PARAGRAPH = 30_000
/** The cost of segmenting a character, and of the square of the number of words that differ. */
const SEGMENTED = 1
const EDITED = 0.12

/** A stretch of blanks; a word or number; or any one character with what belongs to it, such as a flag or an accent. */
const token =
  /\s+|[\p{L}\p{M}\p{N}\p{Pc}\p{Join_C}\xad]+(?:['’.,:][\p{L}\p{M}\p{N}\p{Pc}]+)*|\p{RI}{2}|.(?:[\p{M}\p{Emoji_Modifier}]|\u200d\S)*/gsu
/** Scripts that put no blanks between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** A text as words, blanks and punctuation; joined they are the text. What is written without blanks is one piece. */
export const tokensOf = (text: string): string[] => text.match(token) ?? []

/**
 * The words of two texts side by side. Those that are not `removed` joined are `after`, those that are not `inserted`
 * joined are `before`. Beyond the budget, all between the first and the last difference counts as replaced, and what is
 * written without blanks is compared clause by clause.
 */
export function compareWords(before: string, after: string, budget: Budget): WordChange[] {
  if (before === after) return joined([['same', before]])
  const [was, is] = [tokensOf(before), tokensOf(after)]
  const shorter = Math.min(was.length, is.length)
  let head = 0
  while (head < shorter && was[head] === is[head]) head++
  let tail = 0
  while (tail < shorter - head && was.at(-1 - tail) === is.at(-1 - tail)) tail++
  return joined([
    ['same', was.slice(0, head).join('')],
    ...compareTokens(was.slice(head, was.length - tail), is.slice(head, is.length - tail), budget),
    ['same', was.slice(was.length - tail).join('')]
  ])
}

type Part = [op: WordChange['op'], text: string]

function compareTokens(was: string[], is: string[], budget: Budget): Part[] {
  const replaced: Part[] = [
    ['removed', was.join('')],
    ['inserted', is.join('')]
  ]
  if (was.length === 0 || is.length === 0) return replaced
  const pieces = [...was, ...is].filter(hasHiddenWords)
  const cost = SEGMENTED * pieces.reduce((sum, piece) => sum + piece.length, 0)
  const fine = cost <= Math.min(budget.left, PARAGRAPH)
  if (fine) budget.left -= cost
  const [before, after] = fine ? [was.flatMap(segmented), is.flatMap(segmented)] : [was, is]
  const limit = Math.floor(Math.sqrt(Math.min(budget.left, PARAGRAPH) / EDITED))
  // At least so many words differ: looking for them would be in vain.
  if (Math.abs(before.length - after.length) > limit) return replaced
  const changes = diffArrays(before, after, { maxEditLength: limit })
  const edits = changes?.reduce((sum, { added, removed, count }) => sum + (added || removed ? count : 0), 0)
  budget.left -= EDITED * (edits ?? limit) ** 2
  return (
    changes?.map(({ added, removed, value }) => [
      added ? 'inserted' : removed ? 'removed' : 'same',
      value.join('')
    ]) ?? replaced
  )
}

/** Whether a token may be several words. */
export const hasHiddenWords = (token: string) => token.length > 1 && unspaced.test(token)

/** The words of a piece where no blanks tell them apart. */
function segmented(token: string): string[] {
  if (!hasHiddenWords(token)) return [token]
  return [...cut(token)].flatMap((piece) => [...segmenter.segment(piece)].map(({ segment }) => segment))
}

/** Without empty parts, and neighbours of one kind as one. */
function joined(parts: Part[]): WordChange[] {
  const changes: WordChange[] = []
  for (const [op, text] of parts) {
    const last = changes.at(-1)
    if (last?.op === op) last.text += text
    else if (text !== '') changes.push({ op, text })
  }
  return changes
}
