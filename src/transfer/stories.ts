/** Stories: working copies, what they were at each version, who moved them, and what of them readers get when. */
import { type Content, contentHashOf, inOrder } from '../articles/content.ts'
import { keepBlocks } from '../body/blocks.ts'
import { countWords, toHtml, toText } from '../body/render.ts'
import type { Session } from '../database/database.ts'
import { Invalid } from '../http/errors.ts'
import { wholePicture } from '../http/picture.ts'
import { type Columns, insertRows } from './columns.ts'
import { byId, type Item, type Kind, type Linked, linkAll, needAll, rowsOf } from './kind.ts'
import { tellOfTimelines } from './news.ts'
import { ArticleRecord, PublicationRecord, RevisionRecord, StageMoveRecord } from './record-schema.ts'

const texts = { headline: 'headline text', kicker: 'kicker text', standfirst: 'standfirst text' }
const facts = {
  ...{ source: 'source json', image: 'image json', dateline: 'dateline text', breaking: 'breaking boolean' },
  ...{ accessibleForFree: 'accessible_for_free boolean', sensitive: 'sensitive boolean' },
  ...{ seo: 'seo json', rights: 'rights json' }
}

/** Content in the one way it is kept. A body is never taken as it is: blocks are read as if somebody had sent them. */
function contentOf(item: Item, pointer: string): Content {
  const body = keepBlocks(item.body, (path, message, code) =>
    Invalid(`${pointer}/body${path}`, message, code)
  )
  return inOrder({ ...(item as Content), body, image: wholePicture(item.image) })
}

const linkContent = <T extends Item>(item: T, linked: Linked): T => ({
  ...item,
  authors: linkAll(item.authors, linked),
  tags: linkAll(item.tags, linked)
})

const needsOf = ({ authors, tags }: Item) => [
  ...needAll('authors', 'authors', authors),
  ...needAll('tags', 'tags', tags)
]

const made = (createdBy: string) => ({ pointer: '/createdBy', table: 'users' as const, id: createdBy })

const articleColumns = {
  ...{ id: 'id uuid', storyId: 'story_id uuid', locale: 'locale text' },
  ...{ ...texts, body: 'body json', slug: 'slug text', ...facts },
  ...{ slugGenerated: 'slug_generated boolean', version: 'version int', stage: 'stage stage' },
  ...{
    createdBy: 'created_by uuid',
    createdAt: 'created_at timestamptz',
    updatedAt: 'updated_at timestamptz'
  },
  ...{ trashedAt: 'trashed_at timestamptz', withdrawnAt: 'withdrawn_at timestamptz' },
  withdrawnReason: 'withdrawn_reason text'
}
const counted = { wordCount: 'word_count int', contentHash: 'content_hash text' }

/** Ids in their order, from a table that joins two. */
const idsOf = (column: string, table: string, owner: string) =>
  `ARRAY(SELECT x.${column}::text FROM ${table} x WHERE ${owner} ORDER BY x.position)`

export const article: Kind = {
  type: 'article',
  schema: ArticleRecord,
  table: 'articles',
  alias: 'a',
  columns: articleColumns,
  more: {
    authors: idsOf('author_id', 'article_authors', 'x.article_id = a.id'),
    tags: idsOf('tag_id', 'article_tags', 'x.article_id = a.id')
  },
  key: byId('a'),
  title: ({ headline }) => headline,
  settle: (item) => ({ ...item, ...contentOf(item, '') }),
  link: (item, linked) => ({ ...linkContent(item, linked), createdBy: linked(item.createdBy) }),
  needs: (item) => [...needsOf(item), made(item.createdBy)],
  hasParts: true,
  async write(session, items) {
    const rows = items.map((item) => ({
      ...item,
      wordCount: countWords(item.body),
      contentHash: contentHashOf(item as unknown as Content)
    }))
    await insertRows(session, 'articles', { ...articleColumns, ...counted }, rows)
    await insertRows(
      session,
      'article_tags',
      { articleId: 'article_id uuid', tagId: 'tag_id uuid', position: 'position int' },
      items.flatMap(({ id, tags }) =>
        tags.map((tagId: string, position: number) => ({ articleId: id, tagId, position }))
      )
    )
    await insertRows(
      session,
      'article_authors',
      { articleId: 'article_id uuid', authorId: 'author_id uuid', position: 'position int' },
      items.flatMap(({ id, authors }) =>
        authors.map((authorId: string, position: number) => ({ articleId: id, authorId, position }))
      )
    )
  },
  tell: (_, items) =>
    items.map(({ id, storyId, locale, slug, version }) => ({
      type: 'article.created',
      subjectId: id,
      payload: { id, storyId, locale, slug, version },
      surrogateKeys: []
    }))
}

const revisionColumns = {
  ...{ articleId: 'article_id uuid', version: 'version int', content: 'content json' },
  ...{ message: 'message text', restoredFrom: 'restored_from int' },
  ...{ createdBy: 'created_by uuid', createdAt: 'created_at timestamptz' }
}

export const revision: Kind = {
  type: 'revision',
  schema: RevisionRecord,
  table: 'revisions',
  alias: 'v',
  columns: revisionColumns,
  key: [
    { member: 'articleId', sql: 'v.article_id', type: 'uuid' },
    { member: 'version', sql: 'v.version', type: 'int' }
  ],
  title: ({ content }) => content.headline,
  settle: (item) => ({ ...item, content: contentOf(item.content, '/content') }),
  // Tags and authors that are deleted since may stand in it.
  link: (item, linked) => ({
    ...item,
    content: linkContent(item.content, linked),
    createdBy: linked(item.createdBy)
  }),
  needs: ({ articleId, createdBy }) => [
    { pointer: '/articleId', table: 'articles', id: articleId },
    made(createdBy)
  ],
  partOf: ({ articleId }) => articleId,
  async write(session, items) {
    await refuseAhead(session, items)
    await insertRows(
      session,
      'revisions',
      { ...revisionColumns, contentHash: 'content_hash text' },
      items.map((item) => ({ ...item, contentHash: contentHashOf(item.content) }))
    )
  }
}

/** The next version of the article would be there already: nobody could edit it any more. */
async function refuseAhead(session: Session, items: Item[]) {
  const rows = await session.query<{ id: string; version: number }>(
    'SELECT id, version FROM articles WHERE id = ANY ($1::uuid[])',
    [[...new Set(items.map(({ articleId }) => articleId))]]
  )
  const versions = new Map(rows.map(({ id, version }) => [id, version]))
  for (const { articleId, version } of items) {
    const last = versions.get(articleId) ?? 0
    if (version > last) throw Invalid('/version', `is ahead of the article, which is at ${last}`)
  }
}

export const stageMove: Kind = rowsOf({
  type: 'stage_move',
  schema: StageMoveRecord,
  table: 'stage_moves',
  alias: 'm',
  columns: {
    ...{ id: 'id uuid', articleId: 'article_id uuid', from: 'from_stage stage', to: 'to_stage stage' },
    ...{ note: 'note text', movedBy: 'moved_by uuid', movedAt: 'moved_at timestamptz' }
  },
  key: byId('m'),
  link: (item, linked) => ({ ...item, movedBy: linked(item.movedBy) }),
  needs: ({ articleId, movedBy }) => [
    { pointer: '/articleId', table: 'articles', id: articleId },
    { pointer: '/movedBy', table: 'users', id: movedBy }
  ],
  partOf: ({ articleId }) => articleId
})

const window = {
  ...{ liveFrom: 'live_from timestamptz', liveUntil: 'live_until timestamptz' },
  plannedUntil: 'planned_until timestamptz'
}
const publicationColumns = {
  ...{ id: 'id uuid', articleId: 'article_id uuid', version: 'version int', ...window },
  ...{ correction: 'correction text', minor: 'minor boolean' },
  ...{ createdBy: 'created_by uuid', createdAt: 'created_at timestamptz' }
}
const copied: Columns = {
  ...{ storyId: 'story_id uuid', locale: 'locale text', slug: 'slug text', withdrawn: 'withdrawn boolean' },
  ...{ publishedAt: 'published_at timestamptz', ...texts, body: 'body json' },
  ...{ bodyHtml: 'body_html text', bodyText: 'body_text text', ...facts, ...counted }
}

type Source = {
  articleId: string
  version: number
  content: Content
  storyId: string
  locale: string
  withdrawn: boolean
  trashed: boolean
  first: Date | null
}

const readSources = `
  SELECT v.article_id AS "articleId", v.version, v.content, a.story_id AS "storyId", a.locale,
    a.withdrawn_at IS NOT NULL AS withdrawn, a.trashed_at IS NOT NULL AS trashed,
    (SELECT min(p.live_from) FROM publications p WHERE p.article_id = a.id) AS first
  FROM (SELECT DISTINCT k.* FROM json_to_recordset($1::json) AS k ("articleId" uuid, version int)) k
  JOIN revisions v ON v.article_id = k."articleId" AND v.version = k.version JOIN articles a ON a.id = v.article_id`

/** When each article was, or will be, first ever live stands on all its rows. A trigger tells its tags and authors. */
const setFirst = `
  UPDATE publications p SET published_at = f.first
  FROM (SELECT article_id, min(live_from) AS first FROM publications WHERE article_id = ANY ($1::uuid[]) GROUP BY article_id) f
  WHERE p.article_id = f.article_id AND p.published_at <> f.first`

export const publication: Kind = {
  type: 'publication',
  schema: PublicationRecord,
  table: 'publications',
  alias: 'p',
  columns: publicationColumns,
  more: {
    authors: idsOf('author_id', 'publication_authors', 'x.publication_id = p.id'),
    tags: idsOf('tag_id', 'publication_tags', 'x.publication_id = p.id')
  },
  // No two rows of an article begin at one moment.
  key: [
    { member: 'articleId', sql: 'p.article_id', type: 'uuid' },
    { member: 'liveFrom', sql: 'p.live_from', type: 'timestamptz' }
  ],
  link: (item, linked) => ({ ...linkContent(item, linked), createdBy: linked(item.createdBy) }),
  needs: (item) => [
    { pointer: '/articleId', table: 'articles', id: item.articleId },
    ...needsOf(item),
    made(item.createdBy)
  ],
  partOf: ({ articleId }) => articleId,
  write: writePublications,
  tell: (session, items) => tellOfTimelines(session, [...new Set(items.map(({ articleId }) => articleId))])
}

/** What readers get is made here, of the revision: HTML and text of a file are not asked for. */
async function writePublications(session: Session, items: Item[]) {
  const asked = items.map(({ articleId, version }) => ({ articleId, version }))
  const sources = await session.query<Source>(readSources, [JSON.stringify(asked)])
  const rows: Item[] = items.map((item) => {
    const source = sources.find((one) => one.articleId === item.articleId && one.version === item.version)
    if (!source) throw Invalid('/version', 'is not a version of this article', 'unknown_version')
    if (source.trashed && (item.liveUntil === null || new Date(item.liveUntil) > new Date()))
      throw Invalid('/liveUntil', 'must be past: the article is in the trash', 'article_trashed')
    const { content: whole, storyId, locale, withdrawn, first } = source
    const content: Content = { ...whole, authors: item.authors, tags: item.tags }
    const begun = new Date(item.liveFrom)
    return {
      ...content,
      ...item,
      ...{ storyId, locale, withdrawn, publishedAt: first && first < begun ? first : begun },
      bodyHtml: toHtml(whole.body),
      bodyText: toText(whole.body),
      wordCount: countWords(whole.body),
      contentHash: contentHashOf(content)
    }
  })
  await insertRows(session, 'publications', { ...publicationColumns, ...copied }, rows)
  const placed = (name: 'tags' | 'authors', member: string) =>
    rows.flatMap(({ id, articleId, locale, publishedAt, [name]: ids }) =>
      ids.map((one: string, position: number) => ({
        ...{ publicationId: id, [member]: one, position },
        ...{ articleId, locale, publishedAt }
      }))
    )
  const common = {
    ...{ publicationId: 'publication_id uuid', position: 'position int', articleId: 'article_id uuid' },
    ...{ locale: 'locale text', publishedAt: 'published_at timestamptz' }
  }
  await insertRows(session, 'publication_tags', { tagId: 'tag_id uuid', ...common }, placed('tags', 'tagId'))
  await insertRows(
    session,
    'publication_authors',
    { authorId: 'author_id uuid', ...common },
    placed('authors', 'authorId')
  )
  await session.query(setFirst, [[...new Set(items.map(({ articleId }) => articleId))]])
}
