/** The ways to the database: a pooler in between, the way past it, and the role that only reads. */
import type { DatabaseSettings } from '../../database/database.ts'
import { isPooled, keepsStatements, type Look, lookAt, noticeTakes } from '../../database/examining.ts'
import { sharesBackend } from '../../database/poolers.ts'
import { readerFaults } from '../../database/readers.ts'
import { checked, type Finding, fail, ok, warn } from './report.ts'
import { checkRoom } from './server.ts'

type Server = Extract<DatabaseSettings, { kind: 'server' }>

export async function checkPooler(look: Look, settings: Server): Promise<Finding> {
  const pooled = await isPooled(look)
  if (!pooled)
    return ok(
      'pooler',
      settings.prepare
        ? 'None in between.'
        : 'None in between: DATABASE_PREPARE=false is slower, and not needed.'
    )
  if (!settings.prepare) return ok('pooler', 'One is in between, and DATABASE_PREPARE is false.')
  if (await keepsStatements(settings))
    return ok('pooler', 'One is in between, and it keeps prepared statements apart.')
  return fail(
    'pooler',
    'One is in between that mixes up prepared statements.',
    'Set DATABASE_PREPARE=false, or use PgBouncer 1.21 or newer with max_prepared_statements above 0.'
  )
}

/** What must not go through a pooler, and whether it does. */
export async function checkDirect(settings: Server, migrated: boolean): Promise<Finding[]> {
  const found = await lookAt(
    settings,
    async (look) => [
      await checked('direct address', async () =>
        judgeDirect(settings, await isPooled(look), await sharesBackend(look.client, settings.directUrl))
      ),
      await checked('connections', () => checkRoom(look, settings)),
      await checked('reader role', () => checkReader(look, settings, migrated))
    ],
    { direct: true }
  )
  return (found ?? []).flat()
}

function judgeDirect({ url, directUrl }: Server, pooled: boolean, shared: boolean): Finding {
  if (!pooled) return ok('direct address', 'It leads to the server itself.')
  if (!shared)
    return ok('direct address', 'A pooler is in between, and each connection has a session of its own.')
  return fail(
    'direct address',
    `A pooler is between Dateline and ${directUrl === url ? 'DATABASE_URL, and DATABASE_DIRECT_URL is not set' : 'DATABASE_DIRECT_URL'}.`,
    'Set DATABASE_DIRECT_URL to the address of the server itself: migrations, notices and locks need a session.'
  )
}

async function checkReader({ client }: Look, settings: Server, migrated: boolean): Promise<Finding[]> {
  if (!settings.readerUrl)
    return [ok('reader role', 'None: the content side reads with the role of DATABASE_URL.')]
  if (!migrated)
    return [
      warn(
        'reader role',
        'Not looked at: what it may read is not there yet.',
        'Bring the database up to date first.'
      )
    ]
  const faults = await readerFaults(client, settings)
  if (faults.length === 0) return [ok('reader role', 'It may read what readers see, and nothing else.')]
  return faults.map((fault) => fail('reader role', fault))
}

export async function checkNotices(settings: Server): Promise<Finding> {
  const took = await noticeTakes(settings)
  if (took !== null) return ok('notices', `One sent through DATABASE_URL was heard after ${took} ms.`)
  return fail(
    'notices',
    'One sent through DATABASE_URL was not heard.',
    'DATABASE_DIRECT_URL must name the same database on the same server, past any pooler. Without notices each answer is made anew.'
  )
}
