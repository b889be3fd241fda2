/** The demo newsroom, made through the same functions an editor's requests go through, in one transaction. */
import { v7 as uuid } from 'uuid'
import { createArticle } from '../articles/articles.ts'
import { type Actor, system } from '../audit/audit.ts'
import { createAuthor } from '../authors/authors.ts'
import { type Database, within } from '../database/database.ts'
import type { Caller } from '../http/access.ts'
import { createList, setListItems } from '../lists/lists.ts'
import { publish } from '../publishing/publishing.ts'
import { changeSite } from '../site/site.ts'
import { createTag } from '../tags/tags.ts'
import { type DemoStory, newsroom } from './newsroom.ts'

const SEEDED = 'demo'
const TIMEOUT_MS = 60_000
const desk = { email: 'desk@dateline.local', name: 'Demo desk', role: 'editor' as const }

/** Seeds a database that holds no articles and no sites yet. Answers whether it did; a second time it does nothing. */
export async function seedDemo(db: Database, publicUrl: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    const there =
      (await tx.prisma.setting.count({ where: { key: SEEDED } })) +
      (await tx.prisma.article.count()) +
      (await tx.prisma.site.count())
    if (there > 0) return false
    await tx.prisma.setting.create({ data: { key: SEEDED, value: { stories: newsroom.stories.length } } })
    // Nobody signs in as the desk: it has no password.
    const deskId = uuid()
    await tx.prisma.user.create({ data: { ...desk, id: deskId } })
    const nobodySignedIn = { sessionId: null, apiKeyId: null, scopes: null, authorId: null }
    const caller: Caller = { ...desk, id: deskId, ...nobodySignedIn }
    await fill(within(db, tx), { ...system, userId: deskId }, caller, publicUrl)
    return true
  }, TIMEOUT_MS)
}

async function fill(db: Database, actor: Actor, caller: Caller, publicUrl: string) {
  // What is written here is typed, and the tests read all of it back through the API's own schemas.
  const unchecked = () => {}
  for (const { locale, ...site } of newsroom.sites) {
    await changeSite(db, actor, unchecked, locale, new Set([0]), site, { mayMove: true, publicUrl })
  }
  const authorIds = new Map<string, string>()
  for (const author of newsroom.authors)
    authorIds.set(author.slug, (await createAuthor(db, actor, author)).id)
  const tagIds = new Map<string, string>()
  for (const { parent, ...tag } of newsroom.tags) {
    const parentId = parent ? (tagIds.get(parent) ?? null) : null
    tagIds.set(tag.slug, (await createTag(db, actor, { ...tag, parentId })).id)
  }
  const now = Date.now()
  const storyIds = new Map<string, string>()
  for (const story of newsroom.stories) {
    const at = new Date(now - story.minutesAgo * 60_000)
    const signed = { authors: idsOf(authorIds, story.authors), tags: idsOf(tagIds, story.tags) }
    storyIds.set(story.key, await tell(db, actor, caller, story, at, signed))
  }
  for (const { items, tail, ...rest } of newsroom.lists) {
    const tag = tail === null ? null : idOf(tagIds, tail)
    const list = await createList(db, actor, { ...rest, tail: { tag } })
    const pinned = items.map(({ story, pinnedForMinutes: minutes }) => ({
      storyId: idOf(storyIds, story),
      pinnedUntil: minutes === null ? null : new Date(now + minutes * 60_000).toISOString()
    }))
    await setListItems(db, actor, list.id, new Set([list.version]), pinned)
  }
}

type Signed = { authors: string[]; tags: string[] }

async function tell(db: Database, actor: Actor, caller: Caller, story: DemoStory, at: Date, signed: Signed) {
  const storyId = uuid()
  for (const [locale, text] of Object.entries(story.texts)) {
    const { markdown, ...words } = text
    const article = await createArticle(
      db,
      actor,
      caller,
      {
        locale,
        ...words,
        ...signed,
        body: { markdown },
        source: story.source,
        breaking: story.breaking ?? false,
        accessibleForFree: story.accessibleForFree ?? true
      },
      storyId
    )
    if (story.state !== 'live') continue
    await publish(
      db,
      actor,
      caller,
      article.id,
      new Set([article.version]),
      { liveFrom: at.toISOString() },
      { past: true }
    )
  }
  return storyId
}

const idsOf = (ids: Map<string, string>, names: string[]) => names.map((name) => idOf(ids, name))

function idOf(ids: Map<string, string>, name: string): string {
  const id = ids.get(name)
  if (!id) throw new Error(`The demo newsroom names ${name}, which it does not have`)
  return id
}
