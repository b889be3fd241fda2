/** People who come with a token of an OpenID Connect issuer: whom it means here, and as what. */
import { note, system } from '../audit/audit.ts'
import { againWhileUndone, type Connection, type Database, within } from '../database/database.ts'
import type { Role } from '../database/generated/enums.ts'
import { atLeast, type Caller } from '../http/access.ts'
import { Problem } from '../http/errors.ts'
import type { IssuedClaims, Issuer, IssuerSettings, RoleRule } from './issuer.ts'
import { changeUser, createUser, normalizeEmail } from './users.ts'

/**
 * Who a token of the issuer belongs to; null when it is not good, was ended, or its person is disabled. Throws
 * `not_admitted` for a good token that lets nobody in, and `unavailable` while the issuer cannot be asked.
 */
export async function issuedCallerOf(db: Database, issuer: Issuer, token: string): Promise<Caller | null> {
  const claims = await issuer.verify(token)
  if (!claims) return null
  const role = mappedRole(issuer.settings.roles, claims)
  if (role === null) throw notAdmitted('Nothing in this token is mapped to a role.')
  const look = () => find(db, issuer.settings, claims)
  let known = await look()
  if (!known) {
    await againWhileUndone(() => link(db, issuer.settings, role, claims), ['23505'])
    known = await look()
  }
  if (known?.good && known.newer && role) {
    await takeRole(db, issuer.settings, known, role, claims)
    known = await look()
  }
  if (!known?.good) return null
  const { good: _, newer: __, ...caller } = known
  return caller
}

type Known = Caller & { good: boolean; newer: boolean }

const notAdmitted = (detail: string) =>
  new Problem('not_admitted', detail, { headers: { 'www-authenticate': 'Bearer' } })

/** The highest role of those that match; null when none does; undefined when nothing is mapped. */
function mappedRole(rules: RoleRule[], claims: IssuedClaims): Role | null | undefined {
  if (rules.length === 0) return undefined
  return rules
    .filter(({ claim, value }) => [claimOf(claims, claim)].flat().includes(value))
    .reduce<Role | null>((best, { role }) => (best && atLeast(best, role) ? best : role), null)
}

/** A claim by its name, or within others: `realm_access.roles`. */
function claimOf(claims: object, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name as keyof typeof claims]
  return name
    .split('.')
    .reduce<unknown>(
      (inner, part) =>
        typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part)
          ? inner[part as keyof typeof inner]
          : undefined,
      claims
    )
}

async function find(db: Connection, { issuer }: IssuerSettings, { sub, iat }: IssuedClaims) {
  const [known] = await db.query<Known>(knownIdentity, [issuer, sub, iat])
  return known
}

const knownIdentity = {
  name: 'known-identity',
  text: `
    SELECT u.id, u.email, u.name, u.role, NULL AS "sessionId", NULL AS "apiKeyId", NULL AS scopes, a.id AS "authorId",
      u.disabled_at IS NULL AND (u.tokens_after IS NULL OR to_timestamp($3::float8) > u.tokens_after) AS good,
      to_timestamp($3::float8) > i.token_at AS newer
    FROM identities i JOIN users u ON u.id = i.user_id LEFT JOIN authors a ON a.user_id = u.id
    WHERE i.issuer = $1::text AND i.subject = $2::text`
}

/**
 * A new token is a new sign-in: the role becomes what it says. Older ones say nothing any more, or two that differ would
 * take turns. The last admin stays one.
 */
async function takeRole(
  db: Database,
  { issuer }: IssuerSettings,
  { id }: Known,
  role: Role,
  { sub, iat }: IssuedClaims
) {
  await db.transaction(async (tx) => {
    // Of two tokens at once the newer one has the last word, whichever comes first.
    const [newer] = await tx.query({ text: keepMoment }, [issuer, sub, iat])
    if (!newer) return
    await changeUser(within(db, tx), system, id, { role }).catch((error) => {
      if (!(error instanceof Problem && error.code === 'last_admin')) throw error
    })
  })
}

const keepMoment = `
  UPDATE identities SET token_at = to_timestamp($3::float8)
  WHERE issuer = $1::text AND subject = $2::text AND token_at < to_timestamp($3::float8) RETURNING subject`

/** By the verified e-mail address, once; from then on the issuer's name for them counts. Throws `not_admitted`. */
async function link(db: Database, settings: IssuerSettings, role: Role | undefined, claims: IssuedClaims) {
  const email = verifiedEmail(claims)
  if (!email) throw notAdmitted('This token has no verified e-mail address to know its person by.')
  await db.transaction(async (tx) => {
    const there = await tx.prisma.user.findUnique({ where: { email } })
    if (there?.disabledAt) return
    if (!there && !(settings.create && role)) throw notAdmitted('Nobody here has this e-mail address.')
    const { id } = there ?? (await makePerson(within(db, tx), email, role as Role, claims))
    const linked = await tx.query({ text: insertIdentity }, [settings.issuer, claims.sub, id])
    if (linked.length > 0)
      await note(tx, system, { action: 'identity.linked', resource: 'user', resourceId: id })
    // Linked meanwhile by another request of theirs, or the address is now somebody else's.
    else if (!(await find(tx, settings, claims)))
      throw notAdmitted('The person with this e-mail address is known under another subject.')
  })
}

/** As old as can be: its role is still to be taken. */
const insertIdentity = `
  INSERT INTO identities (issuer, subject, user_id, token_at)
  VALUES ($1::text, $2::text, $3::uuid, to_timestamp(0))
  ON CONFLICT DO NOTHING RETURNING user_id`

/** Null for one that only looks like an address that is known here: it is verified for another. */
function verifiedEmail({ email, email_verified: verified }: IssuedClaims): string | null {
  if (verified !== true || typeof email !== 'string' || email.length > 254) return null
  if (!/^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(email) || email.normalize('NFKC') !== email) return null
  return normalizeEmail(email)
}

/** Throws `not_admitted` where the issuer says of somebody what nobody here can have: it is the issuer's to mend. */
async function makePerson(db: Database, email: string, role: Role, claims: IssuedClaims) {
  const name = nameOf(claims, email)
  if (/[\p{Cc}\p{Cs}]/u.test(name)) throw notAdmitted('The name in this token holds control characters.')
  try {
    return await createUser(db, system, { email, name, role })
  } catch (error) {
    const [fault] = (error instanceof Problem && error.errors) || []
    if (!fault) throw error
    throw notAdmitted(`The ${fault.pointer.slice(1)} in this token ${fault.message}.`)
  }
}

/** What stands before the @, where the issuer tells no name. */
const nameOf = ({ name }: IssuedClaims, email: string) =>
  (typeof name === 'string' && name.trim()) || (email.split('@')[0] as string)
