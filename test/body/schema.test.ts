import Ajv from 'ajv'
import fc from 'fast-check'
import t from 'tap'
import { bodySchemas } from '../../src/body/schema.ts'
import { documents } from './documents.ts'

const ajv = new Ajv.default({ strict: true, discriminator: true, validateFormats: false })
for (const schema of bodySchemas) ajv.addSchema(schema)
const body = ajv.compile({ $ref: 'ArticleBody#' })
const input = ajv.compile({ $ref: 'ArticleBodyInput#' })
const fault = (data: unknown) => {
  input(data)
  const error = input.errors?.[0]
  return `${error?.keyword} at ${error?.instancePath}`
}

t.test('everything stored fits the schema, and may be sent back', async (t) => {
  fc.assert(
    fc.property(documents, (blocks) => body({ blocks }) && input({ blocks })),
    { numRuns: 300 }
  )
  t.notOk(body({}))
})

t.test('a fault is named at the block it is in', async (t) => {
  const text = { _type: 'block', children: [{ _type: 'span', text: 'a' }] }
  const cases: [data: unknown, at: string][] = [
    [{}, 'minProperties at '],
    [{ html: '', markdown: '' }, 'maxProperties at '],
    [{ text: '' }, 'additionalProperties at '],
    [{ blocks: [text, { ...text, style: 'h1' }] }, 'enum at /blocks/1/style'],
    [{ blocks: [{ ...text, listItem: 'task' }] }, 'enum at /blocks/0/listItem'],
    [{ blocks: [{ ...text, listItem: 'bullet', level: 5 }] }, 'maximum at /blocks/0/level'],
    [{ blocks: [{ ...text, align: 'left' }] }, 'additionalProperties at /blocks/0'],
    [{ blocks: [{ ...text, _key: 'a b' }] }, 'pattern at /blocks/0/_key'],
    [{ blocks: [{ _type: 'block' }] }, 'required at /blocks/0'],
    [{ blocks: [{ _type: 'block', children: [{ _type: 'image' }] }] }, 'required at /blocks/0/children/0'],
    [{ blocks: [{ _type: 'table' }] }, 'discriminator at /blocks/0'],
    [{ blocks: [{}] }, 'discriminator at /blocks/0'],
    [{ blocks: [{ _type: 'image', url: 'https://example.com/' }] }, 'required at /blocks/0'],
    [{ blocks: [{ _type: 'image', url: 'x', alt: '', width: 0 }] }, 'minimum at /blocks/0/width']
  ]
  for (const [data, at] of cases) t.equal(fault(data), at)
})

t.test(
  'every string, array and number is bounded, every object closed, every component described',
  async (t) => {
    let seen = 0
    const walk = (schema: Record<string, unknown>, path: string) => {
      seen += 1
      if (schema.type === 'string' && !('enum' in schema) && !('const' in schema))
        t.ok('maxLength' in schema, path)
      if (schema.type === 'array') t.ok('maxItems' in schema, path)
      if (schema.type === 'integer') t.ok('maximum' in schema && 'minimum' in schema, path)
      if (schema.type === 'object' && !('oneOf' in schema)) t.equal(schema.additionalProperties, false, path)
      for (const [key, value] of Object.entries(schema)) {
        if (value && typeof value === 'object') walk(value as Record<string, unknown>, `${path}/${key}`)
      }
    }
    for (const schema of bodySchemas as { $id?: string; description?: string }[]) {
      t.match(schema.$id, /^[A-Z][A-Za-z]+$/)
      t.ok(schema.description, String(schema.$id))
      walk(schema as Record<string, unknown>, String(schema.$id))
    }
    t.ok(seen > 100)
  }
)
