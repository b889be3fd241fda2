/** Webhooks: whom events are sent to. */
import type { Static } from 'typebox'
import { v7 as uuid } from 'uuid'
import { type Actor, note } from '../../audit/audit.ts'
import type { Connection, Database, Transaction } from '../../database/database.ts'
import type { Prisma } from '../../database/generated/client.ts'
import { Conflict, Invalid, NotFound } from '../../http/errors.ts'
import { changedFields } from '../../http/merge.ts'
import type { Walk } from '../../http/pagination.ts'
import { refuseStale } from '../../http/preconditions.ts'
import { seal } from '../../secrets.ts'
import { tell } from '../outbox.ts'
import { type Addresses, AddressRefused } from './addresses.ts'
import type { NewWebhook, WebhookPatch } from './schema.ts'
import { makeSecret } from './signing.ts'

/** What is sent to how many at once is bounded for each, so this bounds it for all. */
const MOST = 100

export type WebhookView = {
  id: string
  url: string
  events: string[]
  description: string
  enabled: boolean
  disabledReason: 'gone' | 'exhausted' | null
  version: number
  createdAt: Date
  updatedAt: Date
}

/** What this installation seals secrets with, and which addresses it sends to. */
export type Sending = { key: Buffer; addresses: Addresses }

const view = `w.id, w.url, w.events, w.description, w.enabled, w.disabled_reason AS "disabledReason", w.version,
  w.created_at AS "createdAt", w.updated_at AS "updatedAt"`

const readOne = { name: 'get-webhook', text: `SELECT ${view} FROM webhooks w WHERE w.id = $1::uuid` }

export async function getWebhook(db: Connection, id: string): Promise<WebhookView> {
  const [webhook] = await db.query<WebhookView>(readOne, [id])
  if (!webhook) throw NotFound('webhook')
  return webhook
}

/** Webhooks, the newest first. */
export async function listWebhooks(db: Database, walk: Walk) {
  const values: unknown[] = [walk.take]
  const columns = [
    { sql: 'w.created_at', type: 'timestamptz' },
    { sql: 'w.id', type: 'uuid' }
  ]
  const { where, orderBy } = walk.keyset(columns, true, values)
  const text = `SELECT ${view} FROM webhooks w WHERE ${where} ORDER BY ${orderBy} LIMIT $1::int`
  return walk.page(await db.query<WebhookView>({ text }, values), ({ createdAt, id }) => [createdAt, id])
}

/** Makes a webhook, to an address that was checked before: see `refuseAddress`. Throws too_many_webhooks. */
export async function createWebhook(
  db: Database,
  actor: Actor,
  { key }: Sending,
  input: Static<typeof NewWebhook>
) {
  const secret = makeSecret()
  const webhook = await db.transaction(async (tx) => {
    await refuseOneMore(tx)
    const id = uuid()
    const data = { ...input, id, createdBy: actor.userId as string, sealedSecret: seal(key, secret) }
    await tx.prisma.webhook.create({ data })
    await record(tx, actor, 'webhook.created', id, Object.keys(input))
    return getWebhook(tx, id)
  })
  return { ...webhook, secret }
}

/** Changes a webhook. Throws Stale; Invalid for an address that must not be sent to. */
export async function changeWebhook(
  db: Database,
  actor: Actor,
  sending: Sending,
  id: string,
  expected: ReadonlySet<number>,
  patch: Static<typeof WebhookPatch>
): Promise<WebhookView> {
  if (patch.url !== undefined) await refuseAddress(sending, patch.url)
  return db.transaction(async (tx) => {
    const before = await lockWebhook(tx, id)
    refuseStale(expected, before.version)
    const fields = changedFields(before, patch)
    if (fields.length === 0) return before
    const reason = patch.enabled ? { disabledReason: null } : {}
    await tx.prisma.webhook.update({
      where: { id },
      data: { ...patch, ...reason, version: { increment: 1 } }
    })
    await record(tx, actor, 'webhook.updated', id, fields, { fields })
    return getWebhook(tx, id)
  })
}

/** Deletes a webhook and all it was sent. Throws Stale. */
export async function deleteWebhook(db: Database, actor: Actor, id: string, expected: ReadonlySet<number>) {
  await db.transaction(async (tx) => {
    const { version } = await lockWebhook(tx, id)
    refuseStale(expected, version)
    await tx.prisma.webhook.delete({ where: { id } })
    await record(tx, actor, 'webhook.deleted', id)
  })
}

/** Gives it a new secret. The one it had signs too for 24 hours; the one before that signs no more. */
export async function rotateSecret(db: Database, actor: Actor, { key }: Sending, id: string) {
  const secret = makeSecret()
  const webhook = await db.transaction(async (tx) => {
    await lockWebhook(tx, id)
    await tx.query(
      {
        text: `UPDATE webhooks SET sealed_former = sealed_secret, former_until = clock_timestamp() + interval '24 hours',
          sealed_secret = $2::bytea, version = version + 1 WHERE id = $1::uuid`
      },
      [id, seal(key, secret)]
    )
    await record(tx, actor, 'webhook.secret_rotated', id)
    return getWebhook(tx, id)
  })
  return { ...webhook, secret }
}

/** The webhook, which nobody else changes until the transaction ends. Events may go on being addressed to it. */
export async function lockWebhook(tx: Transaction, id: string): Promise<WebhookView> {
  await tx.prisma.$queryRaw`SELECT FROM webhooks WHERE id = ${id}::uuid FOR NO KEY UPDATE`
  return getWebhook(tx, id)
}

/** Writes the event and the audit row of what was done to a webhook. Addresses may hold secrets: they are not told. */
export async function record(
  tx: Transaction,
  actor: Actor,
  type: string,
  id: string,
  fields: string[] = [],
  more: Prisma.InputJsonObject = {}
) {
  const eventId = await tell(tx, { type, subjectId: id, payload: { id, ...more }, surrogateKeys: [] })
  await note(tx, actor, { action: type, resource: 'webhook', resourceId: id, fields })
  return eventId
}

/** Throws Invalid for an address that must not be sent to. Asks the DNS, so nothing should be held meanwhile. */
export async function refuseAddress({ addresses }: Sending, text: string) {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url) throw Invalid('/url', 'is not an address', 'format')
  try {
    await addresses.check(url)
  } catch (error) {
    if (!(error instanceof AddressRefused)) throw error
    throw Invalid('/url', error.message, 'address')
  }
}

/** They are made one after another (the lock), so that no two of them are the last. */
async function refuseOneMore(tx: Transaction) {
  await tx.prisma.$queryRaw`SELECT pg_advisory_xact_lock(hashtext('dateline:webhooks'))::text`
  if ((await tx.prisma.webhook.count()) >= MOST)
    throw Conflict('too_many_webhooks', `There are ${MOST} webhooks, and can be no more.`)
}
