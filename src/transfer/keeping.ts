/** Keeps a batch of records of one kind: what is there already is left as it is, the database judges the rest. */
import { isDeepStrictEqual } from 'node:util'
import { v7 as uuid } from 'uuid'
import { refusalOf, type Session } from '../database/database.ts'
import { type Fact, withAll } from '../events/outbox.ts'
import { Problem } from '../http/errors.ts'
import type { Fate, Line } from '../importing/report.ts'
import { membersOf } from './export.ts'
import type { Item, Kind, Need } from './kind.ts'
import { inWords, isRefusal } from './refusals.ts'

export type Entry = { number: number; item: Item }

/** What an import remembers, so that later records find what earlier ones became. */
export type Memory = {
  /** Ids of the file that stand for other ones here. */
  links: Map<string, string>
  /** What is not here as the file has it, and so takes no parts. */
  blocked: Set<string>
  /** Articles whose present version the file has no revision of, with that version. */
  withoutRevision: Map<string, number>
}

type Outcome = { entry: Entry; fate: Fate; lost: string[]; twin?: string }

/** Writes what is not there yet. Run it in a transaction; what it answers with holds once that is committed. */
export async function keepBatch(
  session: Session,
  kind: Kind,
  entries: Entry[],
  memory: Memory
): Promise<{ lines: Line[]; remember: () => void }> {
  const linked = (id: string) => memory.links.get(id) ?? id
  const given = entries.map(({ number, item }) => ({
    number,
    item: memory.links.size > 0 && kind.link ? kind.link(item, linked) : item
  }))
  const outcomes: Outcome[] = []
  const settle = (entry: Entry, fate: Fate, lost: string[] = [], twin?: string) =>
    outcomes.push({ entry, fate, lost, ...(twin && { twin }) })

  const here = await readHere(session, kind, given)
  const twins = await readTwins(
    session,
    kind,
    given.filter(({ item }) => !here.has(keyOf(kind, item)))
  )
  const missing = await findMissing(session, kind, given)
  const news: Entry[] = []
  for (const entry of given) {
    const { item } = entry
    const key = keyOf(kind, item)
    const present = here.get(key)
    const twin = kind.twin && twins.get(twinOf(kind, item))
    const part = kind.partOf?.(item)
    const lacks = missing(item)
    if (present) {
      const differing = differences(kind, present, item)
      if (differing.length === 0) settle(entry, 'already there')
      else settle(entry, 'refused', [`is here already, and differs in ${differing.join(', ')}`])
    } else if (twin) {
      settle(entry, 'already there', twinInWords(kind, twin, item), twin.id)
    } else if (part !== undefined && memory.blocked.has(part)) {
      settle(entry, 'refused', [`is a part of ${part}, which is not here as the file has it`])
    } else if (kind.type === 'article' && memory.withoutRevision.has(key)) {
      const version = memory.withoutRevision.get(key)
      settle(entry, 'refused', [`/version: revision ${version} of it is not in the file, or cannot be kept`])
    } else if (lacks) {
      settle(entry, 'refused', [`${lacks.pointer}: ${lacks.id} is not here`])
    } else {
      news.push(entry)
      here.set(key, item)
    }
  }
  for (const [entry, refusal] of await write(session, kind, news))
    settle(entry, refusal === null ? 'kept' : 'refused', refusal === null ? [] : [refusal])

  return {
    lines: outcomes.sort((a, b) => a.entry.number - b.entry.number).map((outcome) => lineOf(kind, outcome)),
    remember() {
      for (const { entry, fate, twin } of outcomes) {
        if (twin) memory.links.set(entry.item.id, twin)
        if (fate === 'refused' && kind.hasParts) memory.blocked.add(entry.item.id)
      }
    }
  }
}

export const keyOf = (kind: Kind, item: Item) => kind.key.map(({ member }) => item[member]).join(' ')

function lineOf(kind: Kind, { entry: { number, item }, fate, lost }: Outcome): Line {
  const title = kind.title?.(item)
  return {
    kind: kind.type,
    key: `${keyOf(kind, item)} (line ${number})`,
    ...(title && { title }),
    fate,
    lost
  }
}

/** What is here under the same keys, as an export would write it. */
async function readHere(session: Session, kind: Kind, entries: Entry[]): Promise<Map<string, Item>> {
  const { table, alias, key, where = 'TRUE' } = kind
  const names = key.map(({ type }, index) => `k${index} ${type}`)
  const same = key.map(({ sql }, index) => `${sql} = k.k${index}`)
  const keys = entries.map(({ item }) =>
    Object.fromEntries(key.map(({ member }, index) => [`k${index}`, item[member]]))
  )
  const rows = await session.query<Item>(
    `SELECT ${membersOf(kind)} FROM json_to_recordset($1::json) AS k (${names.join(', ')})
     JOIN ${table} ${alias} ON ${same.join(' AND ')} WHERE ${where}`,
    [JSON.stringify(keys)]
  )
  return new Map(rows.map((row) => plain(row)).map((item) => [keyOf(kind, item), item]))
}

const plain = (row: Item): Item => JSON.parse(JSON.stringify(row))

const twinOf = ({ twin }: Kind, item: Item) =>
  [item[twin?.member ?? ''], ...(twin?.same ? [item[twin.same]] : [])].join(' ')

async function readTwins(session: Session, kind: Kind, entries: Entry[]): Promise<Map<string, Item>> {
  const { twin, table, alias } = kind
  if (!twin || entries.length === 0) return new Map()
  const rows = await session.query<Item>(
    `SELECT ${membersOf(kind)} FROM ${table} ${alias} WHERE ${twin.sql} = ANY ($1::text[])`,
    [entries.map(({ item }) => item[twin.member])]
  )
  return new Map(rows.map((row) => plain(row)).map((item) => [twinOf(kind, item), item]))
}

function twinInWords(kind: Kind, twin: Item, item: Item) {
  const differing = differences(kind, twin, item).filter(
    (pointer) => !['/id', '/version', '/createdAt', '/updatedAt'].includes(pointer)
  )
  const kept = differing.length > 0 ? `; left as it is here: ${differing.join(', ')}` : ''
  return [`is here as ${twin.id}: what names it is linked to that${kept}`]
}

/** Members that are not the same, as pointers. */
function differences({ columns, more = {} }: Kind, present: Item, item: Item) {
  return [...Object.keys(columns), ...Object.keys(more)]
    .filter((member) => !isDeepStrictEqual(present[member], item[member]))
    .map((member) => `/${member}`)
}

/** Tells of a record the first thing it names that is neither here nor a neighbour of the same kind. */
async function findMissing(session: Session, { needs, table }: Kind, entries: Entry[]) {
  const wanted = new Map<Need['table'], Set<string>>()
  const there = new Set(entries.map(({ item }) => `${table} ${item.id}`))
  for (const { item } of entries)
    for (const { table, id } of needs?.(item) ?? [])
      wanted.set(table, (wanted.get(table) ?? new Set()).add(id))
  for (const [name, ids] of wanted) {
    const rows = await session.query<{ id: string }>(
      `SELECT id::text FROM ${name} WHERE id = ANY ($1::uuid[])`,
      [[...ids]]
    )
    for (const { id } of rows) there.add(`${name} ${id}`)
  }
  return (item: Item) => needs?.(item).find(({ table, id }) => !there.has(`${table} ${id}`))
}

/** All at once; where the database refuses, halves of it, down to the one it means. With null, or why it was refused. */
async function write(session: Session, kind: Kind, entries: Entry[]): Promise<[Entry, string | null][]> {
  if (entries.length === 0) return []
  const items = entries.map(({ item }) => item)
  await session.query('SAVEPOINT part')
  try {
    await kind.write(session, items)
    await tellAll(session, (await kind.tell?.(session, items)) ?? [])
    await session.query('RELEASE part')
    return entries.map((entry) => [entry, null])
  } catch (error) {
    if (!(error instanceof Problem) && !isRefusal(refusalOf(error))) throw error
    await session.query('ROLLBACK TO part')
    await session.query('RELEASE part')
    if (entries.length === 1) return [[entries[0] as Entry, inWords(error)]]
    const half = Math.ceil(entries.length / 2)
    return [
      ...(await write(session, kind, entries.slice(0, half))),
      ...(await write(session, kind, entries.slice(half)))
    ]
  }
}

/** As `tell` of the outbox, for many. */
async function tellAll(session: Session, facts: Fact[]) {
  if (facts.length === 0) return
  const rows = facts.map((fact) => ({ id: uuid(), ...fact, surrogateKeys: withAll(fact.surrogateKeys) }))
  await session.query(
    `INSERT INTO events (id, type, subject_id, payload, surrogate_keys)
     SELECT e.* FROM json_to_recordset($1::json)
       AS e (id uuid, type text, "subjectId" uuid, payload jsonb, "surrogateKeys" text[])`,
    [JSON.stringify(rows)]
  )
}
