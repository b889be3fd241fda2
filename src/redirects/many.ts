/** Many old paths of stories at once, as an import brings them. */
import { v7 as uuid } from 'uuid'
import type { Actor } from '../audit/audit.ts'
import type { Transaction } from '../database/database.ts'
import type { Caller } from '../http/access.ts'

export type OldPath = { path: string; storyId: string }

/**
 * Lets paths, as `normalPath` writes them, lead to stories. One that leads somewhere already stays as it is; of one that is
 * given twice the first counts. Answers with those that were made, by path; each has its event and its audit row.
 */
export async function createRedirects(
  tx: Transaction,
  actor: Actor,
  user: Caller,
  given: OldPath[]
): Promise<Map<string, string>> {
  const wanted = new Map<string, string>()
  for (const { path, storyId } of given) if (!wanted.has(path)) wanted.set(path, storyId)
  if (wanted.size === 0) return new Map()
  const paths = [...wanted.keys()]
  const ids = (): string[] => paths.map(() => uuid())
  const made = await tx.query<{ path: string }>(write, [
    paths,
    ids(),
    ids(),
    ids(),
    [...wanted.values()],
    user.id,
    JSON.stringify(actor)
  ])
  if (made.length > 0) tx.told.push('redirects', 'all', ...made.map(({ path }) => `redirect:${path}`))
  return new Map(made.map(({ path }) => [path, wanted.get(path) as string]))
}

/** $1 paths, $2 ids of redirects, $3 of events, $4 of audit rows, $5 of stories, $6 by whom, $7 who acts. */
const write = {
  text: `
    WITH given AS MATERIALIZED (
      SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[]) AS g (path, id, event, entry, story)
    ), made AS (
      INSERT INTO redirects (id, path, story_id, created_by)
      SELECT id, path, story, $6::uuid FROM given ON CONFLICT (path) DO NOTHING RETURNING path
    ), events AS (
      INSERT INTO events (id, type, subject_id, payload, surrogate_keys)
      SELECT g.event, 'redirect.created', g.id,
        jsonb_build_object('id', g.id, 'path', g.path, 'storyId', g.story, 'target', NULL),
        ARRAY['redirects', 'redirect:' || g.path, 'all']
      FROM given g JOIN made USING (path)
    ), entries AS (
      INSERT INTO audit (id, user_id, session_id, api_key_id, action, resource, resource_id, fields, network, request_id)
      SELECT g.entry, a."userId", a."sessionId", a."apiKeyId", 'redirect.created', 'redirect', g.id, '{path,storyId}', a.network, a."requestId"
      FROM given g JOIN made USING (path) CROSS JOIN json_to_record($7::json)
        AS a ("userId" uuid, "sessionId" uuid, "apiKeyId" uuid, network text, "requestId" text)
    ) SELECT path FROM made`
}
