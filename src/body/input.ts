import { Invalid } from '../http/errors.ts'
import { keepBlocks } from './blocks.ts'
import { readHtml } from './html.ts'
import { readMarkdown } from './markdown.ts'
import { bodyLimits, type GivenBody, type StoredBlock } from './schema.ts'

export type { StoredBlock } from './schema.ts'

/**
 * The body as it is stored, from any of the three ways to write it. Throws `Invalid` with a pointer to what cannot be
 * kept (for Markdown and HTML, a pointer to the text and a line number in the message). Nothing is dropped in silence.
 *
 *     readBody({ markdown: '## Ferry\n\nIt is **late**.' })
 */
export function readBody(input: GivenBody, pointer = '/body'): StoredBlock[] {
  const { blocks, markdown, html } = input
  if ([blocks, markdown, html].filter((one) => one !== undefined).length !== 1) {
    throw Invalid(pointer, 'A body is written as one of blocks, markdown and html.', 'one_of')
  }
  if (blocks) {
    return keepBlocks(blocks, (path, message, code) => Invalid(`${pointer}/blocks${path}`, message, code))
  }
  const [form, source, read] =
    markdown === undefined
      ? (['html', html ?? '', readHtml] as const)
      : (['markdown', markdown, readMarkdown] as const)
  if (Buffer.byteLength(source) > bodyLimits.bytes) {
    throw Invalid(`${pointer}/${form}`, 'A body may have at most 1 MiB (1,048,576 bytes).', 'too_large')
  }
  return read(source, `${pointer}/${form}`)
}
