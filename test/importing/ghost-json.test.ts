/** The walk through a Ghost file takes what JSON.parse takes, and refuses what it refuses. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { readRows, type TableRow } from '../../src/importing/ghost-json.ts'
import { walkJson } from '../../src/importing/json-walk.ts'

const folder = mkdtempSync(join(tmpdir(), 'dateline-ghost-json-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'ghost.json')

const wanted = new Set(['posts', 'users'])
async function rowsOf(content: string | Uint8Array): Promise<TableRow[]> {
  writeFileSync(path, content)
  const rows: TableRow[] = []
  for await (const row of readRows(path, wanted)) rows.push(row)
  return rows
}

/** Walks it in pieces of this size. Answers with why it is none. */
function faultOf(bytes: Uint8Array, size = bytes.length || 1): string | null {
  const walk = walkJson(
    (message) => new Error(message),
    () => {}
  )
  try {
    for (let at = 0; at < bytes.length; at += size) walk.take(bytes.subarray(at, at + size))
    walk.end()
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function parses(bytes: Uint8Array) {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

const text = fc.string({ unit: 'binary', maxLength: 6 })
const value = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' })
const row = fc.dictionary(text, value, { maxKeys: 4, noNullPrototype: true })
const table = fc.array(fc.oneof({ weight: 4, arbitrary: row }, value), { maxLength: 4 })
const data = fc.record({ posts: table, users: table, others: table }, { requiredKeys: [] })
const file = fc.oneof(
  data.map((tables) => ({ data: tables, meta: { version: '5' } })),
  fc.tuple(value, data).map(([meta, tables]) => ({ db: [{ meta, data: tables }] }))
)
const written = fc
  .tuple(file, fc.constantFrom(undefined, 1, '\t'), fc.boolean())
  .map(([whole, space, escaped]) => {
    const json = JSON.stringify(whole, null, space)
    return escaped
      ? json.replace(/[^\t\n -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : json
  })

t.test('any valid file gives the rows that JSON.parse gives', async (t) => {
  await fc.assert(
    fc.asyncProperty(written, async (json) => {
      const whole = JSON.parse(json)
      const tables: Record<string, unknown[]> = whole.data ?? whole.db[0].data
      const isRow = (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one)
      const expected = Object.entries(tables).flatMap(([name, rows]) =>
        rows.map((one) => [name, wanted.has(name) && isRow(one) ? one : wanted.has(name) ? 'fault' : 'none'])
      )
      const found = (await rowsOf(json)).map(({ table, row, fault }) => [
        table,
        row ?? (fault ? 'fault' : 'none')
      ])
      // As JSON: `__proto__` is a name like others.
      return JSON.stringify(found) === JSON.stringify(expected)
    }),
    { numRuns: 150 }
  )
  t.pass('all of them')
})

t.test('one byte more or less: refused where JSON.parse refuses it, and only there', (t) => {
  const bytes = fc.oneof(
    fc.constantFrom(...Buffer.from('{}[],:"\\ \n0-+.eE1tfn/u')),
    fc.integer({ min: 0, max: 127 })
  )
  const change = fc.record({ at: fc.nat(), more: fc.option(bytes), size: fc.integer({ min: 1, max: 9 }) })
  fc.assert(
    fc.property(written, change, (json, { at, more, size }) => {
      const before = Buffer.from(json)
      const place = at % (before.length + 1)
      const rest = before.subarray(more === null ? place + 1 : place)
      const after = Buffer.concat([
        before.subarray(0, place),
        more === null ? rest : Buffer.of(more),
        ...(more === null ? [] : [rest])
      ])
      const fault = faultOf(after, size)
      const isRefused = fault !== null
      return isRefused === !parses(after) && (fault === null || /^Line \d+, column \d+: |empty/.test(fault))
    }),
    { numRuns: 5_000 }
  )
  t.pass('all of them')
  t.end()
})

for (const [what, content, message] of [
  [
    'no comma between rows',
    '{"data":{"posts":[{"id":1}\n {"id":2}]}}',
    'Line 2, column 2: this is no JSON: here comes a comma'
  ],
  [
    'words between rows',
    '{"data":{"posts":[{"id":1}, and {"id":2}]}}',
    'Line 1, column 32: this is no JSON: “and” is no value'
  ],
  [
    'two values in a row',
    '{"data":{"posts":[1 2]}}',
    'Line 1, column 21: this is no JSON: here comes a comma'
  ],
  ['no colon', '{"data" {"posts":[]}}', 'Line 1, column 9: this is no JSON: here comes a colon'],
  [
    'a comma too many',
    '{"data":{"posts":[{"id":1},]}}',
    'Line 1, column 28: this is no JSON: here comes a value'
  ],
  [
    'a comma too many in an object',
    '{"data":{"posts":[],}}',
    'Line 1, column 21: this is no JSON: here comes a name'
  ],
  [
    'words at its end',
    '{"data":{"posts":[]}}\nend',
    'Line 2, column 1: this is no JSON: something stands after its end'
  ],
  [
    'a broken row of a table nobody asked for',
    '{"data":{"others":[{"a":tru}]}}',
    'Line 1, column 28: this is no JSON: “tru” is no value'
  ],
  [
    'a tab in a text',
    '{"data":{"posts":["\t"]}}',
    'Line 1, column 20: this is no JSON: the byte 9 in a text'
  ],
  [
    'an escape there is not',
    '{"data":{"posts":["\\x"]}}',
    'Line 1, column 21: this is no JSON: a backslash stands before “x”'
  ],
  [
    'half a byte order mark',
    Buffer.concat([Buffer.of(0xef, 0xbb), Buffer.from('{}')]),
    'Line 1, column 3: this is no JSON: it begins with no object'
  ],
  ['nothing', ' ', 'The file is empty.']
] as const) {
  t.test(`${what} is refused, with its place`, async (t) => {
    const thrown = await rowsOf(content).then(
      () => null,
      (error: Error) => error.message
    )
    t.equal(thrown?.slice(0, message.length), message)
  })
}

t.test('a byte order mark may stand before it; what is no row is told with its place', async (t) => {
  const rows = await rowsOf(
    '\uFEFF{"data":{"posts":[\n{"id":1},\n"two",\n[{"id":3}], null],"users":{"id":1}}}'
  )
  t.same(rows, [
    { table: 'posts', place: 'row 1, line 2', row: { id: 1 } },
    { table: 'posts', place: 'row 2, line 3', fault: 'is no object' },
    { table: 'posts', place: 'row 3, line 4', fault: 'is no object' },
    { table: 'posts', place: 'row 4, line 4', fault: 'is no object' },
    { table: 'users', place: 'line 4', fault: 'the table is no list' }
  ])
})
