/** Which block of an earlier body is which of a later one. */
import { isMadeKey } from '../../body/blocks.ts'
import type { StoredBlock } from '../../body/input.ts'
import { hasHiddenWords, tokensOf } from './words.ts'

/** Places of the same block in both bodies. `moved`: it stands elsewhere among those that are in both. */
export type Match = { was: number; is: number; moved: boolean }

/**
 * Blocks belong together when they have the same key. Those whose key is on one side only do when their content is
 * equal, or when it is alike, they stand in the same place and both keys were made from the content: in a text written
 * anew as Markdown, a changed paragraph has another key. Each block is in one match at most.
 */
export function matchBlocks(before: StoredBlock[], after: StoredBlock[]): Match[] {
  const [was, is] = identities(before, after)
  const stayed = longestRun(was, is)
  const kept = [...stayed, ...leftOver(was, is, stayed)]
  return [...kept, ...rewritten(before, after, stayed, kept)]
}

/** The text of a block. */
export const textOf = (block: StoredBlock): string =>
  block._type === 'block' ? block.children.map(({ text }) => text).join('') : ''

/** What is in a block, whatever the keys in it. */
export function contentOf(block: StoredBlock): string {
  if (block._type !== 'block') return JSON.stringify({ ...block, _key: '' })
  const { style, listItem, level, children, markDefs } = block
  const links = new Map(markDefs.map(({ _key, href }) => [_key, { href }]))
  const spans = children.map(({ text, marks }) => [text, marks.map((mark) => links.get(mark) ?? mark)])
  return JSON.stringify([style, listItem, level, spans, markDefs.map(({ href }) => href)])
}

/**
 * A name for each block, the same for those that belong together: its key where both sides have it, else its content.
 * Keys that were made from equal content are only numbered, so such blocks (dividers, say) go by their content too.
 */
function identities(before: StoredBlock[], after: StoredBlock[]): [string[], string[]] {
  const byKey = (blocks: StoredBlock[]) => new Map(blocks.map((block) => [block._key, block]))
  const nameAmong = (others: Map<string, StoredBlock>) => (block: StoredBlock) => {
    const other = others.get(block._key)
    const known = other !== undefined && !(isMadeKey(block) && isMadeKey(other))
    return known ? `key ${block._key}` : `content ${contentOf(block)}`
  }
  return [before.map(nameAmong(byKey(after))), after.map(nameAmong(byKey(before)))]
}

/** Above so many pairs of equal blocks, each is matched with the one of its number only. */
const MANY_PAIRS = 10_000

/**
 * The longest common subsequence (Hunt and Szymanski 1977): the most blocks that can be said to have stayed where they
 * are. Where names do not repeat it is the longest increasing run of places.
 */
function longestRun(was: string[], is: string[]): Match[] {
  const wasPlaces = placesOf(was)
  const isPlaces = placesOf(is)
  const met = new Map<string, number>()
  type Step = { was: number; is: number; before: Step | undefined }
  /** The end of the best run of each length: the one that leaves most room. */
  const ends: Step[] = []
  is.forEach((name, place) => {
    const places = wasPlaces.get(name) ?? []
    const number = met.get(name) ?? 0
    met.set(name, number + 1)
    const many = places.length * (isPlaces.get(name)?.length ?? 0) > MANY_PAIRS
    const candidates = many ? places.slice(number, number + 1) : places.toReversed()
    for (const candidate of candidates) {
      const length = firstNotBefore(ends, candidate)
      if (ends[length]?.was === candidate) continue
      ends[length] = { was: candidate, is: place, before: ends[length - 1] }
    }
  })
  const run: Match[] = []
  for (let step = ends.at(-1); step; step = step.before)
    run.push({ was: step.was, is: step.is, moved: false })
  return run.reverse()
}

function firstNotBefore(ends: { was: number }[], place: number) {
  let low = 0
  let high = ends.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ends[middle] as { was: number }).was < place) low = middle + 1
    else high = middle
  }
  return low
}

function placesOf(names: string[]): Map<string, number[]> {
  const places = new Map<string, number[]>()
  names.forEach((name, place) => {
    const there = places.get(name)
    if (there) there.push(place)
    else places.set(name, [place])
  })
  return places
}

/** Blocks of the same name that are in no run: they moved. */
function leftOver(was: string[], is: string[], matched: Match[]): Match[] {
  const wasTaken = new Set(matched.map((match) => match.was))
  const isTaken = new Set(matched.map((match) => match.is))
  const free = placesOf(was)
  for (const [name, places] of free)
    free.set(
      name,
      places.filter((place) => !wasTaken.has(place))
    )
  return is.flatMap((name, place) => {
    const from = isTaken.has(place) ? undefined : free.get(name)?.shift()
    return from === undefined ? [] : { was: from, is: place, moved: true }
  })
}

/** How far to look for the earlier wording of a paragraph. */
const REACH = 8
/** The part of their words two paragraphs have in common when they are taken for one that was rewritten. */
const ALIKE = 0.5

/** Between blocks that stayed: paragraphs whose keys were made, with much the same words in the same order. */
function rewritten(before: StoredBlock[], after: StoredBlock[], stayed: Match[], kept: Match[]): Match[] {
  const wasKept = new Set(kept.map(({ was }) => was))
  const isKept = new Set(kept.map(({ is }) => is))
  const bags = (blocks: StoredBlock[], taken: Set<number>) =>
    blocks.map((block, place) =>
      block._type === 'block' && !taken.has(place) && isMadeKey(block) ? bagOf(textOf(block)) : undefined
    )
  const was = bags(before, wasKept)
  const is = bags(after, isKept)
  const found: Match[] = []
  let from = { was: 0, is: 0 }
  for (const to of [...stayed, { was: before.length, is: after.length }]) {
    const candidates = range(from.was, to.was).filter((place) => was[place])
    let next = 0
    for (const place of range(from.is, to.is)) {
      const bag = is[place]
      if (!bag) continue
      const near = candidates.slice(next, next + REACH)
      const index = near.findIndex((candidate) => likeness(was[candidate] as Bag, bag) >= ALIKE)
      if (index < 0) continue
      found.push({ was: near[index] as number, is: place, moved: false })
      next += index + 1
    }
    from = { was: to.was + 1, is: to.is + 1 }
  }
  return found
}

const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)

/** Words (characters, where words are not told apart by blanks), and how often each is there. */
type Bag = { size: number; words: Map<string, number> }

function bagOf(text: string): Bag {
  const words = new Map<string, number>()
  let size = 0
  for (const token of tokensOf(text)) {
    if (!/[\p{L}\p{N}]/u.test(token)) continue
    for (const word of hasHiddenWords(token) ? token : [token]) {
      words.set(word, (words.get(word) ?? 0) + 1)
      size += 1
    }
  }
  return { size, words }
}

/** Which part of all words is in both (Sørensen and Dice), from 0 to 1. */
function likeness(one: Bag, other: Bag): number {
  const [fewer, more] = one.words.size < other.words.size ? [one, other] : [other, one]
  const all = one.size + other.size
  // They cannot have half of all in common when one is less than a third of the other.
  if (all === 0 || 4 * Math.min(one.size, other.size) < all) return 0
  let common = 0
  for (const [word, times] of fewer.words) common += Math.min(times, more.words.get(word) ?? 0)
  return (2 * common) / all
}
