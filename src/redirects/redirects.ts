/** Redirects: where old paths lead. Read by the content side through `public_redirects`. */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../audit/audit.ts'
import { LONGEST_PATH, normalPath } from '../content/paths.ts'
import type { Connection, Database, Transaction } from '../database/database.ts'
import { tell } from '../events/outbox.ts'
import type { Caller } from '../http/access.ts'
import { Invalid, NotFound } from '../http/errors.ts'
import { changedFields } from '../http/merge.ts'
import type { Walk } from '../http/pagination.ts'
import { refuseStale } from '../http/preconditions.ts'
import type { NewRedirect, RedirectPatch, RedirectQuery } from './schema.ts'

export type RedirectView = {
  id: string
  path: string
  storyId: string | null
  target: string | null
  version: number
  createdAt: Date
  updatedAt: Date
}

const view = `
  r.id, r.path, r.story_id AS "storyId", r.target, r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt"`

const readOne = { name: 'get-redirect', text: `SELECT ${view} FROM redirects r WHERE r.id = $1::uuid` }

export async function getRedirect(db: Connection, id: string): Promise<RedirectView> {
  const [redirect] = await db.query<RedirectView>(readOne, [id])
  if (!redirect) throw NotFound('redirect')
  return redirect
}

/** Redirects by path. `q` finds the beginning of one. */
export async function listRedirects(db: Database, query: Static<typeof RedirectQuery>, walk: Walk) {
  const values: unknown[] = [walk.take]
  const { where, orderBy } = walk.keyset([{ sql: 'r.path', type: 'text' }], false, values)
  const conditions = [where]
  if (query.storyId) conditions.push(`r.story_id = $${values.push(query.storyId)}::uuid`)
  if (query.q) conditions.push(`starts_with(r.path, $${values.push(query.q)}::text)`)
  const text = `SELECT ${view} FROM redirects r WHERE ${conditions.join(' AND ')} ORDER BY ${orderBy} LIMIT $1::int`
  return walk.page(await db.query<RedirectView>({ text }, values), (redirect) => [redirect.path])
}

type Leading = { path: string; storyId: string | null; target: string | null }

/** Makes a redirect. Throws path_taken when another leads from this path; Invalid for what leads nowhere or in a circle. */
export async function createRedirect(
  db: Database,
  actor: Actor,
  user: Caller,
  input: Static<typeof NewRedirect>
): Promise<RedirectView> {
  const { path, storyId = null, target = null } = input
  const leading = inOneWay({ path, storyId, target })
  return db.transaction(async (tx) => {
    const id = uuid()
    await refuseUnknownStory(tx, leading.storyId)
    await refuseCircle(tx, id, leading)
    await tx.prisma.redirect.create({ data: { ...leading, id, createdBy: user.id } })
    await tell(tx, {
      type: 'redirect.created',
      subjectId: id,
      payload: { id, ...leading },
      surrogateKeys: ['redirects', keyOf(leading.path)]
    })
    await note(tx, actor, {
      action: 'redirect.created',
      resource: 'redirect',
      resourceId: id,
      fields: Object.keys(input)
    })
    return getRedirect(tx, id)
  })
}

/** Changes a redirect. Throws Stale, path_taken; Invalid for what leads nowhere or in a circle. */
export async function changeRedirect(
  db: Database,
  actor: Actor,
  id: string,
  expected: ReadonlySet<number>,
  patch: Static<typeof RedirectPatch>
): Promise<RedirectView> {
  return db.transaction(async (tx) => {
    const before = await lockRedirect(tx, id)
    refuseStale(expected, before.version)
    const { path, storyId, target } = { ...before, ...patch }
    const after = inOneWay({ path, storyId, target })
    const fields = changedFields(before, after)
    if (fields.length === 0) return before
    if (fields.includes('storyId')) await refuseUnknownStory(tx, after.storyId)
    await refuseCircle(tx, id, after)
    await tx.prisma.redirect.update({ where: { id }, data: { ...after, version: { increment: 1 } } })
    await tell(tx, {
      type: 'redirect.updated',
      subjectId: id,
      payload: { id, ...after, fields },
      surrogateKeys: [...new Set(['redirects', keyOf(before.path), keyOf(after.path)])]
    })
    await note(tx, actor, { action: 'redirect.updated', resource: 'redirect', resourceId: id, fields })
    return getRedirect(tx, id)
  })
}

/** Deletes a redirect. Throws Stale. */
export async function deleteRedirect(db: Database, actor: Actor, id: string, expected: ReadonlySet<number>) {
  await db.transaction(async (tx) => {
    const { version, path } = await lockRedirect(tx, id)
    refuseStale(expected, version)
    await tx.prisma.redirect.delete({ where: { id } })
    await tell(tx, {
      type: 'redirect.deleted',
      subjectId: id,
      payload: { id, path },
      surrogateKeys: ['redirects', keyOf(path)]
    })
    await note(tx, actor, { action: 'redirect.deleted', resource: 'redirect', resourceId: id })
  })
}

/** What the reading side knows a redirect by. */
export const keyOf = (path: string) => `redirect:${path}`

async function lockRedirect(tx: Transaction, id: string) {
  await tx.prisma.$queryRaw`SELECT FROM redirects WHERE id = ${id}::uuid FOR UPDATE`
  return getRedirect(tx, id)
}

/** Both paths as `normalPath` writes them. Throws Invalid for what is no path, for both ends or none, and for a circle of one. */
export function inOneWay({ path, storyId, target }: Leading): Leading {
  const from = written('/path', path)
  const to = target === null ? null : written('/target', target)
  if (storyId === null && to === null) throw Invalid('/storyId', 'or target must be given', 'required')
  if (storyId !== null && to !== null)
    throw Invalid('/target', 'cannot be given together with storyId', 'one_of')
  if (to === from) throw Invalid('/target', 'is the path it leads from', 'to_itself')
  return { path: from, storyId, target: to }
}

function written(pointer: string, text: string): string {
  const normal = normalPath(text)
  if (normal === null)
    throw Invalid(
      pointer,
      `must be a path without empty or dot segments, in valid percent-encodings, of at most ${LONGEST_PATH} characters when encoded`,
      'path'
    )
  return normal
}

/** Redirects to paths are written one after another (the lock), so that two of them cannot close a circle together. */
async function refuseCircle(tx: Transaction, id: string, { path, target }: Leading) {
  if (target === null) return
  await tx.prisma.$queryRaw`SELECT pg_advisory_xact_lock(hashtext('dateline:redirects'))::text`
  const [back] = await tx.query(wayBack, [id, path, target])
  if (back) throw Invalid('/target', 'leads back to the path it leads from', 'circle')
}

/** $1 the redirect, $2 where it leads from, $3 to. Follows what is there as far as it goes; a path is seen once. */
const wayBack = {
  text: `
    WITH RECURSIVE way (path) AS (
      SELECT $3::text
      UNION SELECT r.target FROM way JOIN redirects r ON r.path IN (way.path, split_part(way.path, '?', 1))
      WHERE r.target IS NOT NULL AND r.id <> $1::uuid
    ) SELECT FROM way WHERE path = $2::text OR split_part(path, '?', 1) = $2::text LIMIT 1`
}

async function refuseUnknownStory(tx: Transaction, storyId: string | null) {
  if (storyId === null) return
  const known = await tx.prisma.article.findFirst({
    where: { storyId, trashedAt: null },
    select: { id: true }
  })
  if (!known) throw Invalid('/storyId', 'is not the story of an article', 'unknown_id')
}
