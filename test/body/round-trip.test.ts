import fc from 'fast-check'
import t from 'tap'
import { readBody } from '../../src/body/input.ts'
import { toHtml, toMarkdown } from '../../src/body/render.ts'
import type { GivenBlock, StoredBlock } from '../../src/body/schema.ts'
import { canonical, documents, expressible } from './documents.ts'

const numRuns = 1_500
const check = (arbitrary: fc.Arbitrary<StoredBlock[]>, again: (blocks: StoredBlock[]) => StoredBlock[]) =>
  fc.check(
    fc.property(arbitrary, (blocks) => {
      return JSON.stringify(canonical(again(blocks))) === JSON.stringify(canonical(blocks))
    }),
    { numRuns }
  )

/** Short stretches with many marks: where the delimiters of Markdown are hardest to tell apart. */
const crowded = fc
  .array(
    fc.record({
      text: fc
        .array(fc.constantFrom(...' *_~.`[]!(1-#+|:&\t"abж市。😀€\u0301'), { minLength: 1, maxLength: 3 })
        .map((chars) => chars.join('')),
      marks: fc.subarray(['strong', 'em', 'strike-through', 'code', 'k'])
    }),
    { minLength: 1, maxLength: 10 }
  )
  .map((spans) => {
    const children = spans.map((span) => ({ _type: 'span' as const, ...span }))
    const markDefs = [{ _type: 'link' as const, _key: 'k', href: 'https://example.com/(_x_)*`' }]
    return readBody({ blocks: [{ _type: 'block', children, markDefs }] as GivenBlock[] })
  })

t.test('HTML reads back as the blocks it was made from, whatever they are', async (t) => {
  const result = check(documents, (blocks) => readBody({ html: toHtml(blocks) }))
  t.equal(fc.defaultReportMessage(result) ?? '', '')
})

t.test('Markdown reads back as the blocks it was made from, where it can say them', async (t) => {
  const result = check(expressible, (blocks) => readBody({ markdown: toMarkdown(blocks) }))
  t.equal(fc.defaultReportMessage(result) ?? '', '')
})

t.test('so do paragraphs crowded with marks', async (t) => {
  for (const again of [
    (blocks: StoredBlock[]) => readBody({ markdown: toMarkdown(blocks) }),
    (blocks: StoredBlock[]) => readBody({ html: toHtml(blocks) })
  ]) {
    const result = check(crowded, again)
    t.equal(fc.defaultReportMessage(result) ?? '', '')
  }
})

t.test('Markdown of any document reads back without refusal', async (t) => {
  const reads = fc.property(documents, (blocks) => Array.isArray(readBody({ markdown: toMarkdown(blocks) })))
  const result = fc.check(reads, { numRuns })
  t.equal(fc.defaultReportMessage(result) ?? '', '')
})

t.test('the properties above see every kind of block', async (t) => {
  const seen = new Set<string>()
  for (const blocks of fc.sample(documents, 300)) {
    for (const block of blocks) {
      seen.add(block._type)
      if (block._type !== 'block') continue
      seen.add(`${block.style} ${block.listItem ?? ''} ${block.level ?? ''}`)
      for (const span of block.children) for (const mark of span.marks) seen.add(mark)
    }
  }
  for (const kind of ['image', 'embed', 'divider', 'strong', 'em', 'code', 'strike-through', 'k0', 'k1']) {
    t.ok(seen.has(kind), kind)
  }
  for (const style of ['normal', 'h2', 'h3', 'h4', 'blockquote']) t.ok(seen.has(`${style}  `), style)
  for (const level of [1, 2, 3, 4])
    t.ok(seen.has(`normal bullet ${level}`) && seen.has(`normal number ${level}`))
})
