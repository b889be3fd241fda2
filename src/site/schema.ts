import { Type } from 'typebox'
import { ReaderStrings } from '../content/schema.ts'
import { SHARE_CHANNELS } from '../content/share-schema.ts'
import { Closed, Locale, Nullable, Timestamp, WebUrl } from '../http/wire.ts'

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' })

/** An absolute http(s) address, or a path on the front end. */
const address = Type.String({
  minLength: 1,
  maxLength: 2048,
  pattern: '^(https?://[^\\s/?#@\\\\]+([/?#][^\\s\\\\]*)?|/([^\\s/\\\\][^\\s\\\\]*)?)$'
})

const settings = {
  isDefault: Type.Boolean({
    description:
      'Whether this is the locale given to those who name none. Setting it takes it from the one before.'
  }),
  articleUrl: Type.String({
    minLength: 10,
    maxLength: 500,
    pattern: '^https?://[^\\s{}/?#@\\\\]+/[^\\s\\\\]*\\{slug\\}[^\\s\\\\]*$',
    description:
      'Address of an article on your front end, with `{slug}` and, if you like, `{locale}`. Admins only.'
  }),
  fallbacks: Type.Array(Locale, {
    maxItems: 20,
    uniqueItems: true,
    description: 'Locales to look in, in order, when a text is not there in this one.'
  }),
  name: text(200),
  tagline: Type.String({ maxLength: 300 }),
  timeZone: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'An IANA time zone, such as `Europe/Riga`, for showing dates.'
  }),
  navigation: Type.Array(Closed({ label: text(100), url: address }), { maxItems: 50 }),
  networks: Type.Array(
    Closed({
      network: Type.Enum([
        'youtube',
        'telegram',
        'x',
        'facebook',
        'instagram',
        'whatsapp',
        'linkedin',
        'reddit',
        'bluesky',
        'threads',
        'tiktok',
        'vk',
        'mastodon',
        'rss',
        'other'
      ]),
      label: text(200),
      url: WebUrl
    }),
    { maxItems: 30, description: 'Where readers can follow.' }
  ),
  apps: Type.Array(
    Closed({
      store: Type.Enum(['app_store', 'google_play', 'huawei_appgallery', 'rustore', 'other']),
      label: text(100),
      url: WebUrl
    }),
    { maxItems: 10 }
  ),
  shareChannels: Type.Array(Type.Enum(SHARE_CHANNELS), {
    maxItems: SHARE_CHANNELS.length,
    uniqueItems: true,
    description:
      'The networks a share bar shows, in this order. Each article has a share link for each of them from its first publication on; a channel added here is given its links at once. Locales without a site follow the default one.'
  }),
  terms: Nullable(
    Closed(
      { text: text(2000), link: Closed({ label: text(200), url: address }) },
      { description: 'Terms of reuse; `{link}` in the text is where the hyperlink stands.' }
    )
  ),
  copyright: Type.String({ maxLength: 300, description: '`{year}` becomes the present year.' })
}

const strings = Object.fromEntries(
  Object.entries(ReaderStrings.properties).map(([name, schema]) => [name, Type.Optional(schema)])
)
const stringPatches = Object.fromEntries(
  Object.entries(ReaderStrings.properties).map(([name, schema]) => [name, Type.Optional(Nullable(schema))])
)

/** Only those that are not the defaults. */
export const StringOverrides = Type.Unsafe<Record<string, string>>(
  Closed(strings, { description: 'Reader-facing strings that differ from the defaults of the locale.' })
)

export const SiteSettings = Closed({ ...settings, strings: StringOverrides })

const example = {
  locale: 'en',
  isDefault: true,
  articleUrl: 'https://news.example/{locale}/{slug}',
  fallbacks: [],
  name: 'The Harbour Record',
  tagline: 'News from the coast',
  timeZone: 'Europe/Riga',
  navigation: [{ label: 'World', url: '/en/world' }],
  networks: [
    { network: 'youtube', label: 'Follow us on YouTube', url: 'https://www.youtube.com/@harbour-record' }
  ],
  apps: [],
  shareChannels: SHARE_CHANNELS,
  terms: {
    text: 'Any use of materials is allowed only with a hyperlink to {link}.',
    link: { label: 'The Harbour Record', url: 'https://news.example/' }
  },
  copyright: '© {year} The Harbour Record',
  strings: {},
  version: 3,
  updatedAt: '2026-11-20T08:15:00.000Z'
}

export const Site = Closed(
  {
    locale: Locale,
    ...settings,
    strings: StringOverrides,
    version: Type.Integer({
      minimum: 0,
      maximum: 2147483647,
      description: '0 = not set up yet; the first PATCH sends `If-Match: "0"`.'
    }),
    updatedAt: Nullable(Timestamp)
  },
  {
    $id: 'Site',
    description: 'What a front end in one locale needs besides the stories.',
    examples: [example]
  }
)

const patchable = Object.fromEntries(
  Object.entries(settings).map(([name, schema]) => [name, Type.Optional(schema)])
) as { [K in keyof typeof settings]: ReturnType<typeof Type.Optional<(typeof settings)[K]>> }

export const SitePatch = Closed(
  { ...patchable, strings: Type.Optional(Type.Unsafe<Record<string, string | null>>(Closed(stringPatches))) },
  {
    $id: 'SitePatch',
    description: 'A JSON merge patch: strings merge (null = the default again), arrays are replaced whole.',
    examples: [{ tagline: 'News from the coast and the islands' }]
  }
)

export const siteSchemas = [Site, SitePatch]
