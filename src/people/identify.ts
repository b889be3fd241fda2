/** Who a request comes from: the one place that tells the kinds of tokens apart. Asked at every request, one statement each. */

import type { Database } from '../database/database.ts'
import type { Caller, Identify } from '../http/access.ts'
import { networkOf } from '../http/subscribers.ts'
import { works } from './api-keys.ts'
import { issuedCallerOf } from './identities.ts'
import type { Issuer } from './issuer.ts'
import { idOfKey, isKeyOf, KEY_PREFIX } from './key-text.ts'
import type { TokenKeys } from './keys.ts'
import { callerOf } from './sessions.ts'

/** `issuer`: whose tokens are good here too. */
export function makeIdentify(db: Database, keys: TokenKeys, issuer: Issuer | null): Identify {
  const byKey = makeKeyCheck(db)
  return async (token, address) => {
    if (token.startsWith(KEY_PREFIX)) return byKey(token, address)
    if (issuer?.claims(token)) return issuedCallerOf(db, issuer, token)
    const claims = await keys.verify(token)
    return claims && callerOf(db, claims.sessionId, claims.userId)
  }
}

type KeyRow = Omit<Caller, 'scopes' | 'sessionId' | 'apiKeyId'> & {
  apiKeyId: string
  scopes: string[]
  hash: Uint8Array
  due: boolean
}

/** Seconds for which a use of a key stands for all that come after it. */
const USE_SECONDS = 60

const openKey = {
  name: 'open-api-key',
  text: `
    SELECT u.id, u.email, u.name, u.role, a.id AS "authorId", k.id AS "apiKeyId", k.scopes, k.key_hash AS hash,
      k.last_used_at IS NULL OR k.last_used_at < clock_timestamp() - make_interval(secs => ${USE_SECONDS}) AS due
    FROM api_keys k JOIN users u ON u.id = k.user_id LEFT JOIN authors a ON a.user_id = u.id
    WHERE k.id = $1::uuid AND ${works}`
}

const keepUse = {
  text: `
    UPDATE api_keys SET last_used_at = clock_timestamp(), last_used_from = $2::text
    WHERE id = $1::uuid AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - make_interval(secs => ${USE_SECONDS}))`
}

function makeKeyCheck(db: Database): Identify {
  const beingKept = new Set<string>()

  /** Nobody waits for it, and it fails nobody: what is not written now is with the next use. */
  function keep(id: string, address: string) {
    if (beingKept.has(id)) return
    beingKept.add(id)
    db.query(keepUse, [id, networkOf(address)])
      .catch(() => {})
      .finally(() => beingKept.delete(id))
  }

  return async (key, address) => {
    const id = idOfKey(key)
    if (id === null) return null
    const [row] = await db.query<KeyRow>(openKey, [id])
    if (!row || !isKeyOf(row.hash, key)) return null
    const { hash: _, due, scopes, ...caller } = row
    if (due) keep(id, address)
    return { ...caller, sessionId: null, scopes: new Set(scopes) }
  }
}
