/** The people of the newsroom. They are disabled, never deleted. */
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { v7 as uuid } from 'uuid'
import { type Actor, type Details, note } from '../audit/audit.ts'
import type { Connection, Database, Transaction } from '../database/database.ts'
import type { Role } from '../database/generated/enums.ts'
import { tell } from '../events/outbox.ts'
import { Conflict, Invalid, NotFound, Problem } from '../http/errors.ts'
import type { Walk } from '../http/pagination.ts'
import { endSessionsOf, revokeLinksOf } from './ending.ts'
import { hashPassword, refuseWeakPassword } from './passwords.ts'

/** Characters, as in the schema. */
const [LONGEST_EMAIL, LONGEST_NAME] = [254, 200]

/** What `format: email` of a request's schema is. */
const ADDRESS = fullFormats.email as RegExp

/** Addresses differ by more than case only on paper. */
export const normalizeEmail = (email: string) => email.normalize('NFKC').trim().toLowerCase()

export type NewUser = { email: string; name: string; role: Role; password?: string }
export type UserChanges = { name?: string; role?: Role; disabled?: boolean; password?: string }

/** What the API shows of a user: the one list of columns. */
const view = `id, email, name, role, disabled_at IS NOT NULL AS disabled, created_at AS "createdAt", updated_at AS "updatedAt"`

export type UserView = {
  id: string
  email: string
  name: string
  role: Role
  disabled: boolean
  createdAt: Date
  updatedAt: Date
}

export async function getUser(db: Connection, id: string): Promise<UserView> {
  const [user] = await db.query<UserView>(
    { name: 'get-user', text: `SELECT ${view} FROM users WHERE id = $1::uuid` },
    [id]
  )
  if (!user) throw NotFound('user')
  return user
}

export async function listUsers(db: Database, walk: Walk) {
  const values: unknown[] = [walk.take]
  const { where, orderBy } = walk.keyset(
    [
      { sql: 'created_at', type: 'timestamptz' },
      { sql: 'id', type: 'uuid' }
    ],
    false,
    values
  )
  const text = `SELECT ${view} FROM users WHERE ${where} ORDER BY ${orderBy} LIMIT $1::int`
  const rows = await db.query<UserView>({ text }, values)
  return walk.page(rows, (user) => [user.createdAt, user.id])
}

/**
 * A key that sets passwords, or makes admins, would let whoever has it sign in as one, and be more than a key. `role` is
 * what the person is to become, or is already.
 */
function refuseByKey({ apiKeyId }: Actor, password: string | undefined, role: Role | undefined) {
  if (apiKeyId === null) return
  if (password !== undefined)
    throw new Problem('session_required', 'API keys set no passwords: sign in with POST /v1/sessions.')
  if (role === 'admin')
    throw new Problem(
      'session_required',
      'API keys neither make nor change admins: sign in with POST /v1/sessions.'
    )
}

/** Adds a person. Throws email_taken, or Invalid when the password is weak. */
export async function createUser(
  db: Database,
  actor: Actor,
  { password, ...person }: NewUser
): Promise<UserView> {
  refuseByKey(actor, password, person.role)
  const passwordHash = password === undefined ? null : await checkedHash(db, password, person)
  return db.transaction((tx) => addUser(tx, actor, { ...person, passwordHash }))
}

/**
 * Throws Invalid for an address or a name that nobody can have. The schema of requests says so, too; commands, ADMIN_EMAIL
 * and what an issuer says do not come through it.
 */
export function refuseWrongPerson({ email, name }: { email: string; name: string }) {
  if (!ADDRESS.test(email) || email.length > LONGEST_EMAIL)
    throw Invalid('/email', 'is not an e-mail address', 'format')
  if (name.trim() === '' || [...name].length > LONGEST_NAME)
    throw Invalid('/name', `must have 1 to ${LONGEST_NAME} characters`, 'length')
}

async function addUser(
  tx: Transaction,
  actor: Actor,
  person: { email: string; name: string; role: Role; passwordHash: string | null }
) {
  refuseWrongPerson(person)
  const id = uuid()
  await tx.prisma.user.create({ data: { ...person, id, email: normalizeEmail(person.email) } })
  await tell(tx, {
    type: 'user.created',
    subjectId: id,
    payload: { id, role: person.role },
    surrogateKeys: []
  })
  await note(tx, actor, {
    action: 'user.created',
    resource: 'user',
    resourceId: id,
    fields: ['email', 'name', 'role'],
    details: { role: person.role }
  })
  return getUser(tx, id)
}

/**
 * Changes a person. Disabling, a new role and a new password count at the next request; the first and the last end all
 * sessions. Throws last_admin.
 */
export async function changeUser(
  db: Database,
  actor: Actor,
  id: string,
  changes: UserChanges
): Promise<UserView> {
  const { password, disabled, ...plain } = changes
  refuseByKey(actor, password, plain.role)
  const passwordHash =
    password === undefined
      ? undefined
      : await checkedHash(db, password, { ...(await getUser(db, id)), ...plain })
  return db.transaction(async (tx) => {
    // One after another: two admins who demote each other must not both succeed.
    const admins = await tx.prisma.$queryRaw<{ id: string }[]>`
      SELECT id FROM users WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id FOR UPDATE`
    const [before] = await tx.prisma.$queryRaw<{ name: string; role: Role; disabled_at: Date | null }[]>`
      SELECT name, role, disabled_at FROM users WHERE id = ${id}::uuid FOR UPDATE`
    if (!before) throw NotFound('user')
    refuseByKey(actor, undefined, before.role)
    const steppingDown = disabled === true || (plain.role !== undefined && plain.role !== 'admin')
    if (steppingDown && admins.length === 1 && admins[0]?.id === id)
      throw Conflict('last_admin', 'This is the last enabled admin.')

    const fields = [
      ...(plain.name !== undefined && plain.name !== before.name ? ['name'] : []),
      ...(plain.role !== undefined && plain.role !== before.role ? ['role'] : []),
      ...(disabled !== undefined && disabled !== (before.disabled_at !== null) ? ['disabled'] : []),
      ...(passwordHash ? ['password'] : [])
    ]
    if (fields.length === 0) return getUser(tx, id)
    await tx.prisma.user.update({ where: { id }, data: { ...plain, ...(passwordHash && { passwordHash }) } })
    if (fields.includes('disabled')) {
      await tx.prisma
        .$executeRaw`UPDATE users SET disabled_at = CASE WHEN ${disabled} THEN clock_timestamp() END WHERE id = ${id}::uuid`
    }
    if (disabled || passwordHash) {
      await endSessionsOf(tx, id)
      await revokeLinksOf(tx, id)
    }
    const details = {
      ...(fields.includes('role') && { roleFrom: before.role, roleTo: plain.role as Role }),
      ...(fields.includes('disabled') && { disabled: disabled as boolean })
    }
    await recordChange(tx, actor, id, fields, details)
    return getUser(tx, id)
  })
}

/** Writes the event and the audit row of what was changed of a person. */
export async function recordChange(
  tx: Transaction,
  actor: Actor,
  id: string,
  fields: string[],
  details?: Details
) {
  await tell(tx, { type: 'user.changed', subjectId: id, payload: { id, fields }, surrogateKeys: [] })
  await note(tx, actor, { action: 'user.changed', resource: 'user', resourceId: id, fields, details })
}

/** Throws Invalid for a weak password, at `pointer`. */
export async function checkedHash(
  db: Database,
  password: string,
  person: { email: string; name: string },
  pointer?: string
) {
  const sites = await db.prisma.site.findMany({ select: { document: true } })
  const siteNames = sites.map(({ document }) => String((document as { name?: string }).name ?? ''))
  refuseWeakPassword(
    password,
    [person.name, person.email.split('@')[0] ?? '', 'dateline', ...siteNames],
    pointer
  )
  return hashPassword(password)
}

/** The first admin of the settings is made once: people can have been renamed, demoted and disabled since. */
export async function ensureFirstAdmin(
  db: Database,
  actor: Actor,
  { email, password }: { email: string; password: string }
) {
  const key = 'first-admin'
  if (await db.prisma.setting.findUnique({ where: { key } })) return
  const passwordHash = await checkedHash(db, password, { email, name: 'Admin' })
  await db.transaction(async (tx) => {
    await tx.prisma.setting.create({ data: { key, value: true } })
    const there = await tx.prisma.user.count({ where: { email: normalizeEmail(email) } })
    if (there === 0) await addUser(tx, actor, { email, name: 'Admin', role: 'admin', passwordHash })
  })
}

export const ONE_TIME_EMAIL = 'admin@dateline.local'

/**
 * The admin of an embedded start: gets a new password at each start until somebody has signed in with it, so that a
 * start that was cut short locks nobody out. Answers false when that has happened, or other people are there.
 */
export async function renewOneTimeAdmin(db: Database, actor: Actor, password: string): Promise<boolean> {
  const passwordHash = await hashPassword(password)
  return db.transaction(async (tx) => {
    const admins = await tx.prisma.user.findMany({
      where: { role: 'admin' },
      include: { _count: { select: { sessions: true } } }
    })
    if (admins.length === 0) {
      await addUser(tx, actor, { email: ONE_TIME_EMAIL, name: 'Admin', role: 'admin', passwordHash })
      return true
    }
    const [only] = admins
    if (admins.length > 1 || only?.email !== ONE_TIME_EMAIL || only._count.sessions > 0 || only.disabledAt)
      return false
    await tx.prisma.user.update({ where: { id: only.id }, data: { passwordHash } })
    await note(tx, actor, {
      action: 'user.changed',
      resource: 'user',
      resourceId: only.id,
      fields: ['password']
    })
    return true
  })
}
