import { Type } from 'typebox'
import { Closed, Nullable } from '../http/wire.ts'
import { LocaleQuery } from './schema.ts'

export const FeedQuery = Closed({
  locale: LocaleQuery.properties.locale,
  tag: Type.Optional(
    Type.String({ minLength: 1, maxLength: 400, description: 'Slug of a tag; its articles only.' })
  )
})

export const SitemapParams = Closed({
  page: Type.String({
    minLength: 1,
    maxLength: 400,
    description: 'As the index names it: locale, month of first publication and part.',
    examples: ['en-2026-11-1.xml']
  })
})

const pixels = Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Pixels.' }))

export const OEmbedQuery = Closed({
  url: Type.String({
    minLength: 1,
    maxLength: 2500,
    description: 'Address of an article on the front end.',
    examples: ['https://news.example/en/ferry-line-reopens']
  }),
  format: Type.Optional(
    Type.Enum(['json', 'xml'], {
      description: 'Default `json`. Another one is a 400, where oEmbed says 501.'
    })
  ),
  maxwidth: pixels,
  maxheight: pixels
})

export const OEmbed = Closed(
  {
    version: Type.Literal('1.0'),
    type: Type.Literal('link'),
    title: Type.String(),
    author_name: Type.Optional(Type.String()),
    provider_name: Type.Optional(Type.String()),
    provider_url: Type.Optional(Type.String({ format: 'uri' })),
    cache_age: Type.Integer({ minimum: 0, description: 'Seconds.' }),
    thumbnail_url: Type.Optional(
      Type.String({ format: 'uri', description: 'Only of a picture whose size is known and fits.' })
    ),
    thumbnail_width: Type.Optional(Type.Integer({ minimum: 1 })),
    thumbnail_height: Type.Optional(Type.Integer({ minimum: 1 }))
  },
  {
    $id: 'OEmbed',
    description: 'oEmbed 1.0.',
    examples: [
      {
        version: '1.0',
        type: 'link',
        title: 'Ferry line reopens after two winters',
        author_name: 'Maya Lindqvist',
        provider_name: 'The Harbour Record',
        provider_url: 'https://news.example/en',
        cache_age: 3600
      }
    ]
  }
)

const uri = Type.String({ format: 'uri' })
const moment = Type.String({ format: 'date-time' })
const authors = Type.Array(Closed({ name: Type.String(), url: Type.Optional(uri) }))

export const JsonFeed = Closed(
  {
    version: Type.Literal('https://jsonfeed.org/version/1.1'),
    title: Type.String(),
    home_page_url: uri,
    feed_url: uri,
    description: Type.String(),
    language: Type.String(),
    authors,
    _dateline: Type.Optional(
      Closed({ rights: Type.String({ description: 'The copyright line and the terms of reuse.' }) })
    ),
    items: Type.Array(
      Closed({
        id: Type.String({ description: 'A URN; stays the same whatever becomes of the address.' }),
        url: uri,
        title: Type.String(),
        content_text: Type.String({ description: 'The standfirst.' }),
        image: Type.Optional(uri),
        date_published: moment,
        date_modified: moment,
        authors: Type.Optional(authors),
        tags: Type.Optional(Type.Array(Type.String())),
        language: Type.String(),
        _dateline: Closed({
          source: Nullable(Closed({ name: Type.String(), url: uri })),
          rights: Nullable(Closed({ licence: Nullable(Type.String()), notice: Nullable(Type.String()) }))
        })
      }),
      { maxItems: 50 }
    )
  },
  {
    $id: 'JsonFeed',
    description: 'JSON Feed 1.1.',
    examples: [
      {
        version: 'https://jsonfeed.org/version/1.1',
        title: 'The Harbour Record',
        home_page_url: 'https://news.example/en',
        feed_url: 'https://dateline.example/feeds/feed.json?locale=en',
        description: 'News from the coast',
        language: 'en',
        authors: [{ name: 'The Harbour Record', url: 'https://news.example/en' }],
        _dateline: { rights: '© 2026 The Harbour Record' },
        items: [
          {
            id: 'urn:uuid:019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
            url: 'https://news.example/en/ferry-line-reopens',
            title: 'Ferry line reopens after two winters',
            content_text: 'The first boat left with forty passengers and a dog.',
            date_published: '2026-11-20T08:15:00.000Z',
            date_modified: '2026-11-20T08:15:00.000Z',
            authors: [{ name: 'Maya Lindqvist' }],
            tags: ['Shipping'],
            language: 'en',
            _dateline: { source: null, rights: null }
          }
        ]
      }
    ]
  }
)

export const feedSchemas = [OEmbed, JsonFeed]
