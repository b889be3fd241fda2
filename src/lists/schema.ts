import { Type } from 'typebox'
import {
  ByLocale,
  Closed,
  Id,
  ListOf,
  Moment,
  Nullable,
  PageParams,
  ref,
  Slug,
  Timestamp,
  Version
} from '../http/wire.ts'

const title = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })
const titles = ByLocale(title, { minProperties: 1, description: 'The title in each locale.' })
const size = Type.Integer({ minimum: 1, maximum: 100, description: 'How many stories readers get at most.' })
const tail = Nullable(Closed({ tag: Nullable(Id, { description: 'A tag; null: of all there are.' }) }), {
  description: 'What it is filled up with to its size: the newest stories of a tag, or of all. null: nothing.'
})

const example = {
  id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
  slug: 'world-news',
  titles: { en: 'The most important world news', ru: 'Самые важные новости мира' },
  size: 10,
  tail: { tag: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12' }
}
const times = { createdAt: '2026-11-20T08:15:00.000Z', updatedAt: '2026-11-20T08:15:00.000Z' }
const item = { storyId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11', pinnedUntil: '2026-11-21T06:00:00.000Z' }

const shown = { id: Id, slug: Slug, titles, size, tail }
const around = { version: Version, createdAt: Timestamp, updatedAt: Timestamp }

export const List = Closed(
  {
    ...shown,
    items: Type.Array(
      Closed({
        storyId: Id,
        pinnedUntil: Nullable(Timestamp, {
          description: 'When it leaves the list (exclusive); null: it stays.'
        })
      }),
      { maxItems: 100, description: 'In their order, with those whose time is over.' }
    ),
    ...around
  },
  {
    $id: 'List',
    description: 'A curated, ordered list of stories.',
    examples: [{ ...example, items: [item], version: 1, ...times }]
  }
)

export const ListSummary = Closed(
  { ...shown, itemCount: Type.Integer({ minimum: 0, maximum: 100 }), ...around },
  {
    $id: 'ListSummary',
    description: 'A list without its items.',
    examples: [{ ...example, itemCount: 1, version: 1, ...times }]
  }
)

export const NewList = Closed(
  { slug: Type.Optional(Slug), titles, size, tail: Type.Optional(tail) },
  {
    $id: 'NewList',
    examples: [{ titles: example.titles, size: 10, tail: { tag: null } }]
  }
)

export const ListPatch = Closed(
  {
    slug: Type.Optional(Slug),
    titles: Type.Optional(ByLocale(Nullable(title))),
    size: Type.Optional(size),
    tail: Type.Optional(tail)
  },
  {
    $id: 'ListPatch',
    description:
      'A JSON merge patch: titles merge, a locale set to null is removed; `tail` is replaced whole.',
    examples: [{ titles: { hy: 'Աշխարհի ամենակարևոր լուրերը' } }]
  }
)

/** What must still hold when a patch is merged. */
export const MergedList = Closed({ titles })

const ListItemInput = Closed(
  { storyId: Id, pinnedUntil: Type.Optional(Nullable(Moment)) },
  { $id: 'ListItemInput', examples: [item] }
)

export const ListItems = Type.Array(ref(ListItemInput), {
  $id: 'ListItems',
  maxItems: 100,
  description: 'The stories of a list, in their order.',
  examples: [[item]]
})

export const ListsPage = ListOf(ListSummary)
export const ListQuery = Closed(PageParams)

export const listSchemas = [List, ListSummary, NewList, ListPatch, ListItemInput, ListItems]
