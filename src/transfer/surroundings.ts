/** What stands around the stories: people, sites, tags, authors, lists, redirects. */
import { authorKeys, tagKeys } from '../content/keys.ts'
import { SHARE_CHANNELS } from '../content/share-schema.ts'
import { wholePicture } from '../http/picture.ts'
import { inOneWay, keyOf } from '../redirects/redirects.ts'
import { SiteSettings } from '../site/schema.ts'
import { refuseTemplate, refuseTimeZone } from '../site/site.ts'
import { insertRows } from './columns.ts'
import { byId, type Item, type Kind, rowsOf } from './kind.ts'
import {
  AuthorRecord,
  ListRecord,
  PersonRecord,
  RedirectRecord,
  SiteRecord,
  TagMergeRecord,
  TagRecord
} from './record-schema.ts'

const times = { createdAt: 'created_at timestamptz', updatedAt: 'updated_at timestamptz' }
const version = { version: 'version int' }
const firstOf = (texts: Record<string, string>) => Object.values(texts)[0]
const pictureOf = (item: Item) => wholePicture(item.image)

export const person: Kind = rowsOf({
  type: 'person',
  schema: PersonRecord,
  table: 'users',
  alias: 'u',
  columns: {
    ...{ id: 'id uuid', email: 'email text', name: 'name text', role: 'role role' },
    ...{ disabledAt: 'disabled_at timestamptz', ...times }
  },
  key: byId('u'),
  title: ({ name }) => name,
  settle: (item) => ({ ...item, email: item.email.toLowerCase() }),
  twin: { sql: 'u.email', member: 'email' },
  tell: (_, items) =>
    items.map(({ id, role }) => ({
      type: 'user.created',
      subjectId: id,
      payload: { id, role },
      surrogateKeys: []
    }))
})

export const site: Kind = rowsOf({
  type: 'site',
  schema: SiteRecord,
  table: 'sites',
  alias: 's',
  columns: {
    ...{ locale: 'locale text', isDefault: 'is_default boolean', articleUrl: 'article_url text' },
    ...{ fallbacks: 'fallbacks text[]', document: 'document jsonb', ...version, ...times }
  },
  key: [{ member: 'locale', sql: 's.locale COLLATE "C"', type: 'text' }],
  title: ({ document }) => document.name,
  settle(item, { check }) {
    const { isDefault, articleUrl, fallbacks, document } = item
    // Sites older than this setting do not have it, and are shown with it.
    const whole = { shareChannels: SHARE_CHANNELS, ...document, isDefault, articleUrl, fallbacks }
    check(SiteSettings, whole, '/document')
    refuseTemplate(articleUrl)
    refuseTimeZone(document.timeZone, '/document/timeZone')
    return item
  },
  tell: (_, items) =>
    items.map(({ locale, isDefault, articleUrl, fallbacks, document }) => ({
      type: 'site.updated',
      subjectId: null,
      payload: { locale, fields: Object.keys({ isDefault, articleUrl, fallbacks, ...document }) },
      surrogateKeys: [`site:${locale}`, 'sites', 'addresses']
    }))
})

export const tag: Kind = rowsOf({
  type: 'tag',
  schema: TagRecord,
  table: 'tags',
  alias: 't',
  columns: {
    ...{ id: 'id uuid', kind: 'kind tag_kind', slug: 'slug text', names: 'names jsonb' },
    ...{ descriptions: 'descriptions jsonb', parentId: 'parent_id uuid', aliases: 'aliases text[]' },
    ...{ ...version, ...times }
  },
  key: byId('t'),
  // Parents first.
  order: `
    WITH RECURSIVE tree (id, depth) AS (
      SELECT id, 0 FROM tags WHERE parent_id IS NULL
      UNION ALL SELECT t.id, tree.depth + 1 FROM tags t JOIN tree ON t.parent_id = tree.id
    ) SELECT id FROM tree ORDER BY depth, id`,
  title: ({ names }) => firstOf(names),
  twin: { sql: 't.slug', member: 'slug', same: 'kind' },
  link: (item, linked) => ({ ...item, parentId: item.parentId && linked(item.parentId) }),
  needs: ({ parentId }) => (parentId ? [{ pointer: '/parentId', table: 'tags', id: parentId }] : []),
  tell: (_, items) =>
    items.map(({ id, slug, aliases }) => ({
      type: 'tag.created',
      subjectId: id,
      payload: { id, slug },
      surrogateKeys: tagKeys(id, [slug, ...aliases])
    }))
})

export const tagMerge: Kind = rowsOf({
  type: 'tag_merge',
  schema: TagMergeRecord,
  table: 'tag_merges',
  alias: 'm',
  columns: { fromId: 'from_id uuid', intoId: 'into_id uuid', mergedAt: 'merged_at timestamptz' },
  key: [{ member: 'fromId', sql: 'm.from_id', type: 'uuid' }],
  link: (item, linked) => ({ ...item, intoId: linked(item.intoId) }),
  needs: ({ intoId }) => [{ pointer: '/intoId', table: 'tags', id: intoId }]
})

export const author: Kind = rowsOf({
  type: 'author',
  schema: AuthorRecord,
  table: 'authors',
  alias: 'w',
  columns: {
    ...{ id: 'id uuid', slug: 'slug text', name: 'name text', bios: 'bios jsonb', image: 'image jsonb' },
    ...{ links: 'links jsonb', userId: 'user_id uuid', ...version, ...times }
  },
  key: byId('w'),
  title: ({ name }) => name,
  settle: (item) => ({ ...item, image: pictureOf(item) }),
  twin: { sql: 'w.slug', member: 'slug' },
  link: (item, linked) => ({ ...item, userId: item.userId && linked(item.userId) }),
  needs: ({ userId }) => (userId ? [{ pointer: '/userId', table: 'users', id: userId }] : []),
  tell: (_, items) =>
    items.map(({ id, slug }) => ({
      type: 'author.created',
      subjectId: id,
      payload: { id, slug },
      surrogateKeys: authorKeys(id, [slug])
    }))
})

const listColumns = {
  ...{ id: 'id uuid', slug: 'slug text', titles: 'titles jsonb', size: 'size int', tail: 'tail boolean' },
  ...{ tailTagId: 'tail_tag_id uuid', ...version, ...times }
}

export const list: Kind = {
  type: 'list',
  schema: ListRecord,
  table: 'lists',
  alias: 'l',
  columns: listColumns,
  more: {
    items: `coalesce((SELECT json_agg(json_build_object('storyId', i.story_id,
      'pinnedUntil', to_char(i.pinned_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY i.position)
      FROM list_items i WHERE i.list_id = l.id), '[]')`
  },
  key: byId('l'),
  title: ({ titles }) => firstOf(titles),
  link: (item, linked) => ({ ...item, tailTagId: item.tailTagId && linked(item.tailTagId) }),
  needs: ({ tailTagId }) => (tailTagId ? [{ pointer: '/tailTagId', table: 'tags', id: tailTagId }] : []),
  async write(session, items) {
    await insertRows(session, 'lists', listColumns, items)
    await insertRows(
      session,
      'list_items',
      {
        ...{ listId: 'list_id uuid', storyId: 'story_id uuid', position: 'position int' },
        pinnedUntil: 'pinned_until timestamptz'
      },
      items.flatMap(({ id, items: stories }) =>
        stories.map((one: Item, position: number) => ({ ...one, listId: id, position }))
      )
    )
  },
  tell: (_, items) =>
    items.map(({ id, slug }) => ({
      type: 'list.created',
      subjectId: id,
      payload: { id, slug },
      surrogateKeys: [`list:${id}`]
    }))
}

export const redirect: Kind = rowsOf({
  type: 'redirect',
  schema: RedirectRecord,
  table: 'redirects',
  alias: 'r',
  columns: {
    ...{ id: 'id uuid', path: 'path text', storyId: 'story_id uuid', target: 'target text' },
    ...{ ...version, createdBy: 'created_by uuid', ...times }
  },
  key: byId('r'),
  title: ({ path }) => path,
  settle: (item) => ({
    ...item,
    ...inOneWay({ path: item.path, storyId: item.storyId, target: item.target })
  }),
  link: (item, linked) => ({ ...item, createdBy: linked(item.createdBy) }),
  needs: ({ createdBy }) => [{ pointer: '/createdBy', table: 'users', id: createdBy }],
  tell: (_, items) =>
    items.map(({ id, path, storyId, target }) => ({
      type: 'redirect.created',
      subjectId: id,
      payload: { id, path, storyId, target },
      surrogateKeys: ['redirects', keyOf(path)]
    }))
})
