/** What exporting and importing know of one kind of record. */
import type { TSchema } from 'typebox'
import type { Session } from '../database/database.ts'
import type { Fact } from '../events/outbox.ts'
import type { Check } from '../http/validation.ts'
import { type Columns, insertRows } from './columns.ts'

// biome-ignore lint/suspicious/noExplicitAny: its schema has judged it before anybody looks into it
export type Item = Record<string, any>

/** A part of what a row is found by: the member of the record, where it stands, and its type. */
export type Key = { member: string; sql: string; type: string }

/** Something a record names, which has to be there. */
export type Need = {
  pointer: string
  table: 'users' | 'tags' | 'authors' | 'articles' | 'share_links'
  id: string
}

/** Ids of the file that stand for other ones here. */
export type Linked = (id: string) => string

export type Tools = {
  check: Check
  publicUrl: string
  /** Where articles stand, by the sites there are. */
  articleUrls: () => Promise<string[]>
}

export type Kind = {
  type: string
  schema: TSchema
  table: string
  alias: string
  /** Members that are columns, in the order in which they are written. */
  columns: Columns
  /** Members that are put together from other tables: SQL by member. */
  more?: Record<string, string>
  where?: string
  /** Also the order of the records. */
  key: Key[]
  /** A statement that gives `id` of all rows in the order they have to be read in, where that is not the key's. */
  order?: string
  /** What people know it by. */
  title?: (item: Item) => string | undefined
  /** The record in the one way it is kept. Throws Invalid. */
  settle?: (item: Item, tools: Tools) => Item | Promise<Item>
  /** The same with ids of what is here. */
  link?: (item: Item, linked: Linked) => Item
  needs?: (item: Item) => Need[]
  /** Whose part it is: it is only kept where that is here as the file has it. */
  partOf?: (item: Item) => string
  /** Whether others are parts of it. */
  hasParts?: boolean
  /** Another one here by this text is meant: what names the file's is linked to that. Of `same`, all must be equal. */
  twin?: { sql: string; member: string; same?: string }
  /** Writes what was not there. */
  write: (session: Session, items: Item[]) => Promise<void>
  /** What others are told of it, in the transaction that writes it. */
  tell?: (session: Session, items: Item[]) => Fact[] | Promise<Fact[]>
}

/** A kind that is rows of one table and nothing else. */
export const rowsOf = (kind: Omit<Kind, 'write'>): Kind => ({
  ...kind,
  write: (session, items) => insertRows(session, kind.table, kind.columns, items)
})

export const byId = (alias: string): Key[] => [{ member: 'id', sql: `${alias}.id`, type: 'uuid' }]

/** Needs of ids in a list, each once. */
export const needAll = (table: Need['table'], name: string, ids: string[]): Need[] =>
  ids.map((id, index) => ({ pointer: `/${name}/${index}`, table, id }))

export const linkAll = (ids: string[], linked: Linked) => [...new Set(ids.map(linked))]
