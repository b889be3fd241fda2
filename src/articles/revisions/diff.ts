/** What differs between two contents of an article: its fields, and its body block by block. */
import type { StoredBlock } from '../../body/input.ts'
import { type Content, changedContent } from '../content.ts'
import { contentOf, matchBlocks, textOf } from './matching.ts'
import { type Budget, compareWords, newBudget, type WordChange } from './words.ts'

export type FieldChange = { field: string; before: unknown; after: unknown }

export type BlockChange = {
  op: 'same' | 'changed' | 'moved' | 'inserted' | 'removed'
  /** Of the block in the later body, or of the one that was removed. */
  key: string
  before?: StoredBlock
  after?: StoredBlock
  words?: WordChange[]
}

/** The content fields that differ, but the body. */
export function compareFields(before: Content, after: Content): FieldChange[] {
  return (changedContent(before, after) as (keyof Content)[])
    .filter((field) => field !== 'body')
    .map((field) => ({ field, before: before[field], after: after[field] }))
}

/**
 * A body block by block, in the order of `after`; what was removed stands behind the block it stood behind. `before`
 * is there when the block is not exactly as it was, `words` when its text or anything about it changed. What stayed in
 * the longest run of blocks common to both is not moved.
 */
export function compareBodies(before: StoredBlock[], after: StoredBlock[]): BlockChange[] {
  const matches = matchBlocks(before, after)
  const byWas = new Map(matches.map((match) => [match.was, match]))
  const byIs = new Map(matches.map((match) => [match.is, match]))
  const budget = newBudget()
  const changes: BlockChange[] = []
  let reached = 0
  /** Up to the next block that stayed: those before it were told of, or moved away, or are gone. */
  const tellRemoved = () => {
    for (; reached < before.length; reached++) {
      const match = byWas.get(reached)
      const block = before[reached] as StoredBlock
      if (match && !match.moved) return
      if (!match) changes.push({ op: 'removed', key: block._key, before: block })
    }
  }
  tellRemoved()
  after.forEach((block, place) => {
    const match = byIs.get(place)
    if (!match) {
      changes.push({ op: 'inserted', key: block._key, after: block })
      return
    }
    changes.push(compareBlocks(before[match.was] as StoredBlock, block, match.moved, budget))
    if (match.moved) return
    reached = match.was + 1
    tellRemoved()
  })
  return changes
}

function compareBlocks(before: StoredBlock, after: StoredBlock, moved: boolean, budget: Budget): BlockChange {
  const exact = JSON.stringify(before) === JSON.stringify(after)
  const equal = exact || contentOf(before) === contentOf(after)
  const texts = before._type === 'block' && after._type === 'block'
  return {
    op: moved ? 'moved' : equal ? 'same' : 'changed',
    key: after._key,
    ...(!exact && { before }),
    after,
    ...(!equal && texts && { words: compareWords(textOf(before), textOf(after), budget) })
  }
}
