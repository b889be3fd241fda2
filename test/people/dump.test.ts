/** Whoever gets hold of a dump of the database has none of the secrets that were handed out: not as they are, not encoded. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { draft, newsroom, PASSWORD, unique } from '../helper.ts'

const room = await newsroom(t)
const { api, db, tokens } = room

/** Every row of every table as text, byte columns too as the bytes they are. */
async function dump(): Promise<string> {
  const tables = await db.query<{ name: string; bytes: string[] }>(
    {
      text: `SELECT table_name AS name, coalesce(array_agg(column_name::text) FILTER (WHERE data_type = 'bytea'), '{}') AS bytes
        FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' GROUP BY table_name`
    },
    []
  )
  const parts: string[] = []
  for (const { name, bytes } of tables) {
    const raw = bytes.map((column) => `|| ' ' || coalesce(encode(t."${column}", 'escape'), '')`).join('')
    const rows = await db.query<{ row: string }>(
      { text: `SELECT t::text ${raw} AS row FROM "${name}" t` },
      []
    )
    parts.push(name, ...rows.map(({ row }) => row))
  }
  return parts.join('\n')
}

/** A secret as it is, and as it would look in another way of writing it. */
const forms = (secret: string) => {
  const bytes = Buffer.from(secret)
  // Of Base64, what does not depend on where it begins.
  return [secret, bytes.toString('hex'), bytes.toString('base64').slice(0, -4)]
}

t.test('none of the secrets of a day is in the database', async (t) => {
  const secrets: Record<string, string> = { password: PASSWORD, 'access token': tokens.editor }
  const body = { email: 'editor@example.org', password: PASSWORD }
  const session = (await api('POST /v1/sessions', { body, expect: 201 })).body
  secrets['access token of the day'] = session.accessToken
  secrets['first refresh token'] = session.refreshToken
  const next = await api('POST /v1/sessions/refresh', {
    body: { refreshToken: session.refreshToken },
    expect: 201
  })
  secrets['second refresh token'] = next.body.refreshToken

  const person = { email: `${unique('una')}@example.org`, name: 'Una', role: 'author' }
  const una = (await api('POST /v1/users', { as: 'admin', body: person, expect: 201 })).body
  const link = await api(`POST /v1/users/${una.id}/password-links`, { as: 'admin', body: {}, expect: 201 })
  secrets['unused one-time token'] = link.body.token
  const used = await api(`POST /v1/users/${una.id}/password-links`, { as: 'admin', body: {}, expect: 201 })
  secrets['one-time token'] = used.body.token
  secrets['new password'] = 'four grey herons wait'
  await api('POST /v1/password-links/use', {
    body: { token: used.body.token, password: secrets['new password'] },
    expect: 204
  })
  secrets['wrong password'] = 'a guess that leads nowhere'
  await api('POST /v1/sessions', { body: { ...body, password: secrets['wrong password'] }, expect: 401 })

  const idempotent = { 'idempotency-key': `order-${randomUUID()}` }
  secrets['idempotency key'] = idempotent['idempotency-key']
  const key = await api('POST /v1/api-keys', {
    as: 'editor',
    body: { name: 'Importer', scopes: ['articles:write'] },
    headers: idempotent,
    expect: 201
  })
  secrets['API key'] = key.body.key
  await api('GET /v1/articles', { token: key.body.key, expect: 200 })

  const preview = await api(`POST /v1/articles/${(await draft(room)).id}/previews`, {
    as: 'editor',
    body: {},
    headers: { 'idempotency-key': `preview-${randomUUID()}` },
    expect: 201
  })
  secrets['preview token'] = preview.body.token

  const webhook = await api('POST /v1/webhooks', {
    as: 'admin',
    body: { url: 'https://1.1.1.1/', events: ['webhook.*'], enabled: false },
    expect: 201
  })
  secrets['webhook secret'] = webhook.body.secret
  const rotated = await api(`POST /v1/webhooks/${webhook.body.id}/rotate-secret`, {
    as: 'admin',
    expect: 200
  })
  secrets['second webhook secret'] = rotated.body.secret
  secrets['secret of the installation'] = room.config.secret

  const text = await dump()
  t.ok(text.includes('Importer') && text.includes(una.id), 'the dump holds what is no secret')
  for (const [name, secret] of Object.entries(secrets)) {
    t.ok(secret && secret.length > 10, `there is a ${name}`)
    for (const form of forms(secret)) t.notOk(text.includes(form), `${name} is not in the dump`)
    // The part that is secret, without what is put around it.
    const inner = secret.replace(/^(dl[opr]?_|whsec_)/, '')
    t.notOk(text.includes(inner), `${name}, bare, is not in the dump`)
    const decoded = Buffer.from(inner, 'base64')
    if (secret.startsWith('whsec_')) t.notOk(text.includes(decoded.toString('hex')), `${name}, as bytes`)
  }
})
