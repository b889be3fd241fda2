/** One try: an event is posted to a webhook, once. Nothing here knows the database. */
import { Agent, type Dispatcher, request } from 'undici'
import { unseal } from '../../secrets.ts'
import { version } from '../../version.ts'
import { type Addresses, AddressRefused } from './addresses.ts'
import type { Fault } from './deliveries.ts'
import type { Claimed } from './queue.ts'
import { signedHeaders } from './signing.ts'
import type { Sending } from './webhooks.ts'

/** From looking up the name to the head of the answer, in ms. */
const PATIENCE_MS = 15_000
/** What is read of an answer, so that its connection ends in order; nothing of it is looked at or kept. */
const READ = { limit: 16_384, ms: 1000 }

/** What came of a try. */
export type Result = {
  at: string
  status: number | null
  durationMs: number
  error: Fault | null
  /** What the receiver asked for with Retry-After, in ms. */
  retryAfterMs: number | null
}

/**
 * The connections to receivers. Each is used once, so each message goes to an address that was checked for it. The
 * environment's proxies are not asked: they would look up names themselves.
 */
export const openConnections = ({ lookup }: Addresses): Dispatcher =>
  new Agent({ pipelining: 0, maxHeaderSize: 16_384, connect: { lookup, timeout: PATIENCE_MS } })

/** Posts it. Never throws. */
export async function send(
  claimed: Claimed,
  { key, addresses }: Sending,
  dispatcher: Dispatcher
): Promise<Result> {
  const began = performance.now()
  const at = new Date()
  const result = (
    status: number | null,
    error: Fault | null,
    retryAfterMs: number | null = null
  ): Result => ({
    ...{ at: at.toISOString(), status, error, retryAfterMs },
    durationMs: Math.round(performance.now() - began)
  })
  const secrets = secretsOf(claimed, key)
  if (secrets === null) return result(null, 'secret_unreadable')
  const body = bodyOf(claimed)
  try {
    const url = new URL(claimed.url)
    addresses.checkLiteral(url)
    const answer = await request(url, {
      method: 'POST',
      dispatcher,
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: {
        'content-type': 'application/json',
        'user-agent': `Dateline/${version}`,
        ...signedHeaders(secrets, claimed.eventId, Math.floor(at.getTime() / 1000), body)
      },
      body
    })
    const { statusCode } = answer
    const told = result(
      statusCode,
      statusCode >= 300 && statusCode < 400 ? 'redirect' : null,
      retryAfter(answer.headers['retry-after'])
    )
    await answer.body.dump({ limit: READ.limit, signal: AbortSignal.timeout(READ.ms) }).catch(() => {})
    return told
  } catch (error) {
    return result(null, faultOf(error as Error & { code?: string }))
  }
}

/** The secrets to sign with, the present one first; null when they were sealed with another DATELINE_SECRET. */
function secretsOf({ sealedSecret, sealedFormer }: Claimed, key: Buffer): string[] | null {
  const secret = unseal(key, sealedSecret)
  const former = sealedFormer && unseal(key, sealedFormer)
  if (secret === null) return null
  return former ? [secret, former] : [secret]
}

function bodyOf({ eventId, type, at, position, subjectId, payload, surrogateKeys }: Claimed): string {
  return JSON.stringify({
    id: eventId,
    type,
    timestamp: at.toISOString(),
    position: Number(position),
    subjectId,
    data: payload,
    surrogateKeys
  })
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function retryAfter(header: string | string[] | undefined): number | null {
  const text = [header].flat()[0]?.trim()
  if (!text) return null
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now())
}

/** Where no name is to be had: unknown, without an address, or its servers do not answer. */
const NAMELESS = /^(ENOTFOUND|ENODATA|ESERVFAIL|EREFUSED|ENONAME|EBADNAME|ETIMEOUT|ECANCELLED|EAI_\w+)$/

function faultOf(error: Error & { code?: string; errors?: Error[] }): Fault {
  const { name, code = '', errors } = error
  // Of several addresses, all of which failed: what the first said.
  if (errors?.[0]) return faultOf(errors[0])
  if (error instanceof AddressRefused) return 'address_refused'
  if (name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(code))
    return NAMELESS.test(code) ? 'name_not_found' : 'timeout'
  if (NAMELESS.test(code)) return 'name_not_found'
  if (code === 'ECONNREFUSED') return 'connection_refused'
  if (/TLS|SSL|CERT|UNABLE_TO|EPROTO/.test(code)) return 'tls'
  return 'connection_failed'
}
