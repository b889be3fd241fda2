/** More events than one step takes. */
import t from 'tap'
import { type Detail, tellDetail } from '../../src/events/shown-details.ts'
import { settled } from '../content/feed.ts'
import { newsroom, story, tag } from '../helper.ts'

const room = await newsroom(t)

t.test('more new names at once than a step takes: all get their places', async (t) => {
  const label = await tag(room)
  await story(room, { tags: [label.id] })
  await settled(room)
  await room.db.query(
    {
      text: `INSERT INTO events (id, type, subject_id, payload, surrogate_keys)
        SELECT gen_random_uuid(), 'tag.updated', $1::uuid, '{"fields": ["names"]}', '{}' FROM generate_series(1, 1100)`
    },
    [label.id]
  )
  await settled(room, 30_000)
  const [row] = await room.db.query<{ told: number }>(
    { text: `SELECT count(*)::int AS told FROM changes WHERE reason = 'tags'` },
    []
  )
  t.ok(row && row.told >= 1)
})

t.test('a name that stands in very many articles may take its time', async (t) => {
  const { db } = room
  await db.query(
    {
      text: `WITH made AS (SELECT gen_random_uuid() AS id, n FROM generate_series(1000001, 1020000) AS n)
        INSERT INTO announced (article_id, publication_id, story_id, locale, slug, through, change, last_at)
        SELECT id, id, id, 'en', 'story-' || n, now(), n, now() FROM made`
    },
    []
  )
  const rows = await db.query<{ id: string }>(
    { text: 'SELECT publication_id AS id FROM announced WHERE change > 1000000' },
    []
  )
  const event: Detail = {
    type: 'tag.deleted',
    subjectId: null,
    payload: { shownIn: rows.map(({ id }) => id) },
    at: new Date()
  }
  const places = { change: 2_000_000, trimmed: 0 }
  await db.session('dateline: test', (session) =>
    session.transaction(async () => {
      await session.query(`SET LOCAL statement_timeout = '30ms'`)
      await tellDetail(session, event, places, 2_000_000)
    })
  )
  t.equal(places.change, 2_020_000)
})
