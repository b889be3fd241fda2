/** The database as a server: version, extensions, schema, clock, bounds, room for connections. */
import type { DatabaseSettings } from '../../database/database.ts'
import type { Look } from '../../database/examining.ts'
import { migrationState, neededExtensions } from '../../database/migrations.ts'
import { PASS_SETTINGS, UTC } from '../../database/poolers.ts'
import { SESSION } from '../../database/session-settings.ts'
import { checked, type Finding, fail, ok, warn } from './report.ts'

const OLDEST = 150000
/** Seconds. Tokens and ranges of time are reckoned by both clocks. */
const [CLOCK_ODD, CLOCK_WRONG] = [2, 60]
/** Of an instance, beside those for requests: aside, to listen, to put events in order, to send them. */
const OWN_CONNECTIONS = 4

export async function checkVersion({ query }: Look): Promise<Finding> {
  const [row] = await query<{ number: number; text: string; standby: boolean; encoding: string }>(
    {
      text: `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS text,
               pg_is_in_recovery() AS standby, current_setting('server_encoding') AS encoding`
    },
    []
  )
  const { number, text, standby, encoding } = row as NonNullable<typeof row>
  if (number < OLDEST) return fail('database', `Postgres ${text}.`, 'Dateline needs 15 or newer.')
  if (standby)
    return fail('database', `Postgres ${text}, a standby, which takes no writes.`, 'Name the primary.')
  if (encoding !== 'UTF8')
    return fail(
      'database',
      `Postgres ${text}, encoded as ${encoding}.`,
      'Make one with: createdb --encoding UTF8 --template template0'
    )
  return ok('database', `Postgres ${text} answers.`)
}

export async function checkExtensions({ query }: Look): Promise<Finding> {
  const rows = await query<{ name: string; here: boolean; available: boolean; creatable: boolean }>(
    {
      text: `
        SELECT n.name, e.oid IS NOT NULL AS here, a.name IS NOT NULL AS available,
          (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
            OR (coalesce(v.trusted, false) AND has_database_privilege(current_database(), 'CREATE')) AS creatable
        FROM unnest($1::text[]) AS n(name)
        LEFT JOIN pg_extension e ON e.extname = n.name
        LEFT JOIN pg_available_extensions a ON a.name = n.name
        LEFT JOIN pg_available_extension_versions v ON v.name = n.name AND v.version = a.default_version`
    },
    [neededExtensions()]
  )
  const absent = rows.filter(({ here }) => !here)
  const names = (list: typeof rows) => list.map(({ name }) => name).join(', ')
  const unavailable = absent.filter(({ available }) => !available)
  if (unavailable.length > 0)
    return fail(
      'extensions',
      `The server does not have ${names(unavailable)}.`,
      'Install its package of additional modules (postgresql-contrib).'
    )
  const closed = absent.filter(({ creatable }) => !creatable)
  if (closed.length > 0)
    return fail(
      'extensions',
      `${names(closed)} are missing, and this user may not create them.`,
      `Run as a superuser: ${closed.map(({ name }) => `CREATE EXTENSION ${name};`).join(' ')}`
    )
  if (absent.length > 0) return ok('extensions', `${names(absent)} will be made by the migrations.`)
  return ok('extensions', names(rows))
}

export async function checkMigrations({
  query
}: Look): Promise<{ finding: Finding; applied: number; pending: number }> {
  const { applied, pending, unknown, unfinished, edited } = await migrationState(query)
  return { finding: judge(), applied, pending: pending.length }

  function judge(): Finding {
    if (unfinished.length > 0)
      return fail(
        'migrations',
        `Begun and not ended: ${unfinished.join(', ')}.`,
        'Look at what it left in the database, mend it, and mark it with `prisma migrate resolve`.'
      )
    if (edited.length > 0)
      return fail(
        'migrations',
        `Not the ones that were applied: ${edited.join(', ')}.`,
        'Put the released files back, and write the change as a new migration.'
      )
    if (pending.length > 0)
      return warn(
        'migrations',
        applied === 0
          ? `The database is empty: ${pending.length} to apply.`
          : `To apply: ${pending.join(', ')}.`,
        'Run: npx dateline migrate. A start does it, too.'
      )
    if (unknown.length > 0)
      return warn(
        'migrations',
        `Of a newer Dateline: ${unknown.join(', ')}.`,
        'Run the version that made them.'
      )
    return ok('migrations', `All ${applied} are applied.`)
  }
}

/** The middle of asking and hearing is when the database looked at its clock, give or take half the way. */
export async function checkClock({ query }: Look): Promise<Finding> {
  const asked = Date.now()
  const [row] = await query<{ at: Date }>({ text: 'SELECT clock_timestamp() AS at' }, [])
  const heard = Date.now()
  const half = (heard - asked) / 2_000
  const apart = Math.abs((row as { at: Date }).at.getTime() - (asked + heard) / 2) / 1000
  const sure = Math.max(0, apart - half)
  const found = `The clock of the database and of this host are ${apart.toFixed(1)} s apart.`
  const remedy = 'Let both follow a time server.'
  if (sure > CLOCK_WRONG) return fail('clock', found, remedy)
  return sure > CLOCK_ODD ? warn('clock', found, remedy) : ok('clock', found)
}

/** Those Dateline asks for when it connects; a pooler may not pass them on. Without them it does not start. */
export async function checkBounds({ query }: Look): Promise<Finding> {
  const wanted = new Map(
    [...SESSION.matchAll(/-c (\w+_timeout)=(\d+)/g)].map(([, name, ms]) => [name as string, Number(ms)])
  )
  const rows = await query<{ name: string; setting: string }>(
    { text: 'SELECT name, setting FROM pg_settings WHERE name = ANY ($1::text[]) ORDER BY name' },
    [[...wanted.keys(), 'TimeZone']]
  )
  const bounds = rows.filter(({ name }) => wanted.has(name))
  const zone = rows.find(({ name, setting }) => name === 'TimeZone' && !UTC.test(setting))
  const others = bounds.filter(({ name, setting }) => Number(setting) !== wanted.get(name))
  const found = [
    ...others.map(({ name, setting }) => `${name} is ${setting === '0' ? 'none' : `${setting} ms`}`),
    ...(zone ? [`TimeZone is ${zone.setting}`] : [])
  ]
  if (found.length === 0)
    return ok(
      'time bounds',
      bounds.map(({ name, setting }) => `${name} ${Number(setting) / 1000} s`).join(', ')
    )
  const lost = zone !== undefined || others.some(({ setting }) => setting === '0')
  return (lost ? fail : warn)(
    'time bounds',
    `Not in force: ${found.join(', ')}. What stands in between does not pass them on.`,
    PASS_SETTINGS
  )
}

export async function checkRoom({ query }: Look, settings: DatabaseSettings): Promise<Finding> {
  if (settings.kind === 'embedded') return ok('connections', 'Embedded: one process has them all.')
  const [row] = await query<{ most: number; used: number; role: number; base: number }>(
    {
      text: `
        SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0) AS most,
          (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
          (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS role,
          (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS base`
    },
    []
  )
  const { most, used, role, base } = row as NonNullable<typeof row>
  const limit = Math.min(most, ...[role, base].filter((one) => one >= 0))
  const wants = settings.connections * (settings.readerUrl ? 2 : 1) + OWN_CONNECTIONS
  const found = `An instance takes up to ${wants} of ${limit} connections; ${used} are in use.`
  const remedy = 'Raise max_connections (or the limit of the role or database), or put a pooler in front.'
  if (wants > limit) return fail('connections', found, remedy)
  return wants > limit - used
    ? warn('connections', found, `No room for another instance now. ${remedy}`)
    : ok('connections', found)
}

/** All of it on one connection. */
export async function checkServer(look: Look, settings: DatabaseSettings) {
  const version = await checked('database', () => checkVersion(look))
  if (version.some(({ status }) => status === 'fail')) return { findings: version, applied: 0, pending: 0 }
  let state = { applied: 0, pending: 0 }
  const findings = [
    ...version,
    ...(await checked('extensions', () => checkExtensions(look))),
    ...(await checked('migrations', async () => {
      const { finding, ...rest } = await checkMigrations(look)
      state = rest
      return finding
    })),
    ...(await checked('clock', () => checkClock(look))),
    ...(settings.kind === 'server' ? await checked('time bounds', () => checkBounds(look)) : [])
  ]
  return { findings, ...state }
}
