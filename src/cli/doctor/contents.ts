/** What is in the database: keys that can be opened, somebody who may everything, and work that is not left lying. */
import { unsealed } from '../../audit/verifying.ts'
import type { Look } from '../../database/examining.ts'
import { unsequenced } from '../../events/lag.ts'
import { opens } from '../../people/keys.ts'
import { checked, type Finding, fail, ok, warn } from './report.ts'

/** Seconds. A running Dateline needs a few. */
const LATE = 60
const IDLE = 'No Dateline runs on this database, or it stands still: look at its log.'

export async function checkContents(look: Look, secret: string | null): Promise<Finding[]> {
  return [
    ...(await checked('signing keys', () => checkKeys(look, secret))),
    ...(await checked('admin', () => checkAdmin(look))),
    ...(await checked('event feed', () => checkFeed(look))),
    ...(await checked('audit', () => checkAudit(look)))
  ]
}

async function checkKeys({ query }: Look, secret: string | null): Promise<Finding> {
  const rows = await query<{ sealed: Buffer }>(
    { text: 'SELECT sealed_private AS sealed FROM signing_keys WHERE retired_at IS NULL' },
    []
  )
  if (rows.length === 0) return ok('signing keys', 'There are none yet: the first start makes one.')
  if (secret !== null && rows.every(({ sealed }) => opens(secret, sealed)))
    return ok('signing keys', `DATELINE_SECRET opens all ${rows.length}.`)
  return fail(
    'signing keys',
    secret === null
      ? 'There is no secret to open them with.'
      : 'DATELINE_SECRET is not the one this database was set up with.',
    'Use the secret from before; an embedded start keeps it in the data folder, in the file `secret`.'
  )
}

async function checkAdmin({ query }: Look): Promise<Finding> {
  const [row] = await query<{ admins: number }>(
    { text: `SELECT count(*)::int AS admins FROM users WHERE role = 'admin' AND disabled_at IS NULL` },
    []
  )
  const admins = row?.admins ?? 0
  if (admins > 0) return ok('admin', `Admins who are not disabled: ${admins}.`)
  return fail('admin', 'There is none.', "Run: npx dateline user create --email … --name '…' --role admin")
}

async function checkFeed({ query }: Look): Promise<Finding> {
  const { waiting, seconds } = await unsequenced(query)
  if (waiting === 0) return ok('event feed', 'Every event has its place.')
  const found = `Events without a place yet: ${waiting}, the oldest ${Math.round(seconds)} s old.`
  return seconds > LATE ? warn('event feed', found, IDLE) : ok('event feed', found)
}

async function checkAudit(look: Look): Promise<Finding> {
  const { count, oldestSeconds } = await unsealed(look)
  if (count === 0)
    return ok('audit', 'Every entry is in the chain. Whether it is whole: npx dateline audit verify.')
  const found = `Entries that are not in the chain yet: ${count}, the oldest ${oldestSeconds} s old.`
  return (oldestSeconds ?? 0) > LATE ? warn('audit', found, IDLE) : ok('audit', found)
}
