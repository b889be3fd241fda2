import fc from 'fast-check'
import t from 'tap'
import { readBody } from '../../src/body/input.ts'
import { toHtml, toMarkdown } from '../../src/body/render.ts'
import { canonical, documents, expressible } from './documents.ts'

const numRuns = Number(process.env['FUZZ'] ?? 1_000)

t.test('HTML reads back as the blocks it was made from, whatever they are', async (t) => {
  fc.assert(
    fc.property(documents, (blocks) => {
      const html = toHtml(blocks)
      const again = readBody({ html })
      if (JSON.stringify(canonical(again)) !== JSON.stringify(canonical(blocks))) {
        throw new Error(`${html}\n${JSON.stringify(canonical(again))}\n${JSON.stringify(canonical(blocks))}`)
      }
    }),
    { numRuns }
  )
})

t.test('Markdown reads back as the blocks it was made from, where it can say them', async () => {
  fc.assert(
    fc.property(expressible, (blocks) => {
      const markdown = toMarkdown(blocks)
      const again = readBody({ markdown })
      if (JSON.stringify(canonical(again)) !== JSON.stringify(canonical(blocks))) {
        throw new Error(
          `${markdown}\n${JSON.stringify(canonical(again))}\n${JSON.stringify(canonical(blocks))}`
        )
      }
    }),
    { numRuns }
  )
})

t.test('Markdown of any document reads back without refusal', async () => {
  fc.assert(
    fc.property(documents, (blocks) => {
      readBody({ markdown: toMarkdown(blocks) })
    }),
    { numRuns }
  )
})
