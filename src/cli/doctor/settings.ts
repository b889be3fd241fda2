/** Whether what the environment says is whole, and safe. */
import type { Examined } from '../context.ts'
import { type Finding, fail, ok, warn } from './report.ts'

/** Bits. `openssl rand -base64 48` has 384; a sentence of the same length is guessed far sooner. */
const ENOUGH_BITS = 128
/** What documentation, tutorials and tests have in the place of a secret. */
const EXAMPLE =
  /change.?me|example|password|placeholder|replace|(my|your|test|a|the|some|super|top)[-_ ]?secret|lorem|1234567|abcdef|qwerty/i

export function checkSettings({ settings, faults, secret }: Examined): Finding[] {
  return [
    ...(faults.length === 0
      ? [ok('configuration', 'Every setting can be read.')]
      : faults.map((fault) => fail('configuration', fault))),
    checkSecret(secret, settings.production),
    checkPublicUrl(settings.publicUrl, settings.production),
    checkProxy(settings),
    checkOrigins(settings.corsOrigins, settings.production)
  ]
}

function checkSecret(secret: string | null, production: boolean): Finding {
  const remedy =
    'Make one with: openssl rand -base64 48. A new secret opens nothing that the old one sealed: signing keys, webhooks.'
  const weak = production ? fail : warn
  if (secret === null)
    return ok('secret', 'There is none yet: the first start makes one and keeps it in the data folder.')
  if (EXAMPLE.test(secret)) return weak('secret', 'DATELINE_SECRET looks like the one of an example.', remedy)
  const bits = Math.floor(bitsOf(secret))
  if (bits < ENOUGH_BITS)
    return weak(
      'secret',
      `DATELINE_SECRET can be guessed: ${bits} bits at most, ${ENOUGH_BITS} are wanted.`,
      remedy
    )
  return ok('secret', `${secret.length} characters, which look random.`)
}

/** At most so many: by how often each character stands there (Shannon). */
export function bitsOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce((bits, count) => bits + count * Math.log2(text.length / count), 0)
}

const isLocal = (url: URL) => /^(localhost|.*\.localhost|127\..*|\[::1\]|0\.0\.0\.0)$/.test(url.hostname)

function checkPublicUrl(text: string, production: boolean): Finding {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url) return fail('PUBLIC_URL', `${text} is no address.`)
  if (production && isLocal(url))
    return warn(
      'PUBLIC_URL',
      `Short links lead to ${text}, where nobody else finds them.`,
      'Set it to the address that readers see.'
    )
  if (production && url.protocol !== 'https:')
    return warn(
      'PUBLIC_URL',
      `${text} is not https: tokens and passwords can be read on the way.`,
      'Put a proxy with TLS in front.'
    )
  return ok('PUBLIC_URL', text)
}

function checkProxy({ publicUrl, trustProxy }: Examined['settings']): Finding {
  if (trustProxy === false && publicUrl.startsWith('https:'))
    return warn(
      'TRUST_PROXY',
      'PUBLIC_URL is https, so a proxy stands in front, and none is trusted: everybody seems to come from its address and shares its rate limit.',
      'Set TRUST_PROXY to the number of proxies, or their networks.'
    )
  if (trustProxy === false) return ok('TRUST_PROXY', 'No proxy is trusted.')
  return ok(
    'TRUST_PROXY',
    typeof trustProxy === 'number' ? `Hops trusted: ${trustProxy}.` : `Trusted: ${trustProxy.join(', ')}.`
  )
}

function checkOrigins(origins: string[], production: boolean): Finding {
  if (origins.length === 0)
    return ok(
      'CORS_ORIGINS',
      'None: pages of other origins can read the content, and neither write nor count views.'
    )
  const doubtful = production
    ? origins.filter((origin) => origin.startsWith('http:') || isLocal(new URL(origin)))
    : []
  if (doubtful.length > 0)
    return warn('CORS_ORIGINS', `Not for production: ${doubtful.join(', ')}.`, 'Name https origins only.')
  return ok('CORS_ORIGINS', origins.join(', '))
}
