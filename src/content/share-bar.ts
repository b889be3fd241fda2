/** What a share bar shows of an article: words in its language, and the networks' own addresses for sharing. */
import type { Static } from 'typebox'
import type { Reader } from '../database/database.ts'
import { articleAddress } from './addresses.ts'
import { type Asked, type BySlug, findBySlug } from './by-slug.ts'
import { endsIn, siteOf, templateOf } from './items.ts'
import type { ShareBar, ShareChannel } from './share-schema.ts'
import { defaultStrings, hasStrings } from './strings.ts'

type Network = {
  /** A name, the same in all languages; null where it is a word of the language. */
  label: string | null
  share: (link: string, headline: string) => string
}

/** As each network documents it. Text and addresses are percent-encoded: `+` is a plus sign in a mailto. */
const networks: Record<ShareChannel, Network> = {
  x: { label: 'X', share: (url, text) => `https://x.com/intent/post?${query({ text, url })}` },
  facebook: { label: 'Facebook', share: (u) => `https://www.facebook.com/sharer/sharer.php?${query({ u })}` },
  telegram: { label: 'Telegram', share: (url, text) => `https://t.me/share/url?${query({ url, text })}` },
  whatsapp: {
    label: 'WhatsApp',
    share: (url, headline) => `https://wa.me/?${query({ text: `${headline} ${url}` })}`
  },
  linkedin: {
    label: 'LinkedIn',
    share: (url) => `https://www.linkedin.com/sharing/share-offsite/?${query({ url })}`
  },
  reddit: {
    label: 'Reddit',
    share: (url, title) => `https://www.reddit.com/submit?${query({ url, title })}`
  },
  bluesky: {
    label: 'Bluesky',
    share: (url, headline) => `https://bsky.app/intent/compose?${query({ text: `${headline} ${url}` })}`
  },
  threads: {
    label: 'Threads',
    share: (url, text) => `https://www.threads.com/intent/post?${query({ text, url })}`
  },
  email: {
    label: null,
    share: (url, subject) => `mailto:?${query({ subject, body: `${subject}\r\n\r\n${url}` })}`
  }
}

const query = (parameters: Record<string, string>) =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')

type Facts = {
  headline: string
  slug: string
  articleUrl: string | null
  fallbacks: string[]
  strings: Record<string, string> | null
  channels: ShareChannel[]
  /** Codes by channel, of the links that lead somewhere now. */
  codes: Partial<Record<string, string>>
  /** Seconds until one more leads somewhere, or one less does, or the article ends. */
  changesIn: number | null
}
type Columns = { locale: string; keys: string; facts: Facts }

/** Of an article, its links without a campaign, with the code each has now. */
const links = `
  FROM public_share_links l JOIN share_link_totals t ON t.share_link_id = l.id
  WHERE l.article_id = p.article_id AND l.code = l.present_code AND l.campaign = '' AND l.archived_at IS NULL`

/**
 * Words of a site of another locale are in another language: only those of its own count. A link is left out while it
 * leads nowhere; how often one with `max_clicks` was followed is looked at again after a minute.
 */
const columns = `p.locale, concat('article:', p.article_id, ' share:', p.article_id) AS keys, json_build_object(
  'headline', p.headline, 'slug', p.slug, 'articleUrl', ${templateOf('s.article_url')},
  'fallbacks', coalesce(s.fallbacks, '{}'), 'strings', s.document -> 'strings', 'channels', share_channels(p.locale),
  'codes', (SELECT coalesce(json_object_agg(l.channel, l.code), '{}') ${links}
    AND coalesce(l.valid_from <= now(), true) AND coalesce(l.expires_at > now(), true) AND coalesce(t.human < l.max_clicks, true)),
  'changesIn', least(${endsIn}, (SELECT extract(epoch FROM min(least(
      CASE WHEN l.valid_from > now() THEN l.valid_from END, CASE WHEN l.expires_at > now() THEN l.expires_at END,
      CASE WHEN l.max_clicks IS NOT NULL THEN now() + interval '1 minute' END)) - now()) ${links}))) AS facts`

export type Bar = { data: Static<typeof ShareBar>; keys: string[]; maxAge?: number }

/** The share bar of what is live under this slug: see `findBySlug`. */
export async function findShareBar(
  db: Reader,
  publicUrl: string,
  asked: Asked
): Promise<BySlug<{ locale: string; bar: Bar }> | null> {
  const found: BySlug<Columns> | null = await findBySlug(db, asked, {
    name: 'share-bar',
    columns: () => columns,
    names: ['locale', 'keys', 'facts']
  })
  if (found?.state !== 'here') return found
  const { state, publicationId, locale } = found
  return { state, publicationId, locale, bar: barOf(found, publicUrl) }
}

const readOne = {
  name: 'content-share-bar-of',
  text: `SELECT ${columns} FROM publications p ${siteOf} WHERE p.id = $1::uuid`
}

/** The share bar of a publication that was found: one statement. */
export async function shareBarOf(db: Reader, publicUrl: string, publicationId: string): Promise<Bar | null> {
  const [row] = await db.query<Columns>(readOne, [publicationId])
  return row ? barOf(row, publicUrl) : null
}

/** The words of a share bar. */
const WORDS = ['sharePrompt', 'copyLink', 'linkCopied', 'email'] as const

/**
 * Of one language: where nobody has words in this one but the site, its own count when it has all of them. Some of them
 * beside those of a fallback would make a bar of two languages.
 */
function wordsOf(locale: string, fallbacks: string[], strings: Facts['strings']) {
  const defaults = defaultStrings([locale, ...fallbacks])
  const own = strings ?? {}
  const mixes = !hasStrings(locale) && WORDS.some((word) => own[word] === undefined)
  return mixes ? defaults : { ...defaults, ...own }
}

function barOf({ locale, keys, facts }: Columns, publicUrl: string): Bar {
  const { headline, slug, articleUrl, fallbacks, channels, codes, changesIn } = facts
  const words = wordsOf(locale, fallbacks, facts.strings)
  const short = (code: string) => `${publicUrl}/s/${code}`
  const shown = channels.flatMap((channel) => {
    const { label, share } = networks[channel]
    const code = codes[channel]
    return code ? [{ channel, label: label ?? words.email, url: share(short(code), headline) }] : []
  })
  return {
    data: {
      prompt: words.sharePrompt,
      copy: {
        label: words.copyLink,
        url: codes.copy ? short(codes.copy) : articleAddress(articleUrl, publicUrl, locale, slug),
        done: words.linkCopied
      },
      networks: shown,
      qr: codes.qr ? `${short(codes.qr)}/qr.svg` : null
    },
    // Words and channels are the site's.
    keys: ['sites', ...keys.split(' ')],
    ...(changesIn !== null && { maxAge: changesIn })
  }
}
