import { Type } from 'typebox'
import { Block } from '../body/schema.ts'
import { TagKind } from '../database/generated/enums.ts'
import {
  Closed,
  Id,
  ListOf,
  Locale,
  Moment,
  Nullable,
  PageParams,
  ref,
  Slug,
  Timestamp
} from '../http/wire.ts'
import { ShareBar } from './share-schema.ts'
import { defaultStrings } from './strings.ts'

const line = (description: string) => Type.String({ minLength: 1, maxLength: 300, description })

export const ReaderStrings = Closed(
  {
    views: line('How often it was read; `{count}` is the number.'),
    sharePrompt: line('Above the share buttons.'),
    copyLink: line('The button that copies the address.'),
    linkCopied: line('Said when it was copied.'),
    email: line('The button that passes it on by e-mail.'),
    topStories: line('Title of the curated list.'),
    latestNews: line('Title of the newest stories.'),
    relatedStories: line('Title of stories like this one.'),
    source: line('Label of the credited source.'),
    sourceReports: line('Credit within a sentence; `{source}` is its name.'),
    publishedAt: line('Label of the time of publication.'),
    updatedAt: line('Label of the time of the last change.'),
    correction: line('Label of a correction.'),
    by: line('Before the author.'),
    tags: line('Label of the tags.'),
    followUs: line('Title of the network links.'),
    getTheApp: line('Title of the app links.'),
    search: line('Label of the search box.'),
    nothingFound: line('When a search or list is empty.'),
    loadMore: line('The button for the next page.'),
    home: line('Link to the front page.'),
    navigation: line('Name of the navigation, for screen readers.'),
    languages: line('Label of the language switch.'),
    notFound: line('When there is no such page.'),
    gone: line('When a story was taken down.')
  },
  { $id: 'ReaderStrings', description: 'What the front end says in its own voice.' }
)

const Picture = { $ref: 'Picture#' }

export const TagRef = Closed(
  {
    id: Id,
    kind: Type.Enum(Object.values(TagKind)),
    slug: Slug,
    name: Type.String(),
    locale: Type.String({ description: 'The locale `name` is in.' })
  },
  { $id: 'ContentTagRef' }
)
export const AuthorRef = Closed({ slug: Slug, name: Type.String() }, { $id: 'ContentAuthorRef' })
export const SourceRef = Closed(
  { name: Type.String(), url: Type.String({ format: 'uri' }) },
  { $id: 'ContentSource', description: 'The outside source credited.' }
)

const shown = {
  id: Id,
  storyId: Id,
  locale: Type.String({ description: 'The locale this is in.' }),
  slug: Slug,
  url: Type.String({ description: 'Its address on the front end.' }),
  headline: Type.String(),
  kicker: Type.String(),
  standfirst: Type.String(),
  authors: Type.Array(ref(AuthorRef)),
  source: Nullable(ref(SourceRef)),
  tags: Type.Array(ref(TagRef), { description: 'In their order; the first is the primary one.' }),
  image: Nullable(Type.Unsafe<object>(Picture)),
  dateline: Type.String(),
  breaking: Type.Boolean(),
  accessibleForFree: Type.Boolean(),
  sensitive: Type.Boolean(),
  wordCount: Type.Integer({ minimum: 0 }),
  seo: Closed({
    title: Nullable(Type.String()),
    description: Nullable(Type.String()),
    canonicalUrl: Nullable(Type.String())
  }),
  rights: Nullable(Closed({ licence: Nullable(Type.String()), notice: Nullable(Type.String()) })),
  corrections: Type.Array(Closed({ at: Type.String({ format: 'date-time' }), text: Type.String() }, {}), {
    description: 'What was put right, earliest first.'
  }),
  publishedAt: Type.Unsafe<Date>({ ...Timestamp, description: 'When it was first ever live.' }),
  updatedAt: Type.Unsafe<Date>({
    ...Timestamp,
    description: 'When what is read now went live; minor changes do not count.'
  })
}

export const articleExample = {
  id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
  storyId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11',
  locale: 'en',
  slug: 'ferry-line-reopens',
  url: 'https://news.example/en/ferry-line-reopens',
  headline: 'Ferry line reopens after two winters',
  kicker: 'Coast',
  standfirst: 'The first boat left with forty passengers and a dog.',
  authors: [{ slug: 'maya-lindqvist', name: 'Maya Lindqvist' }],
  source: null,
  tags: [
    {
      id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12',
      kind: 'topic',
      slug: 'shipping',
      name: 'Shipping',
      locale: 'en'
    }
  ],
  image: null,
  dateline: 'Port Ansel',
  breaking: false,
  accessibleForFree: true,
  sensitive: false,
  wordCount: 312,
  seo: { title: null, description: null, canonicalUrl: null },
  rights: null,
  corrections: [],
  publishedAt: '2026-11-20T08:15:00.000Z',
  updatedAt: '2026-11-20T08:15:00.000Z'
}

export const ArticleItem = Closed(shown, {
  $id: 'ContentArticleItem',
  description: 'A live article in a list.',
  examples: [articleExample]
})

export const ContentArticle = Closed(
  {
    ...shown,
    body: Closed({
      html: Type.Optional(Type.String({ description: 'Safe to print as it is.' })),
      blocks: Type.Optional(Type.Array(ref(Block))),
      markdown: Type.Optional(Type.String()),
      text: Type.Optional(Type.String())
    }),
    translations: Type.Array(Closed({ locale: Type.String(), slug: Slug, url: Type.String() }), {
      description: 'The same story, live in other locales.'
    }),
    jsonld: Type.Optional(
      Type.String({
        description:
          'With `include=jsonld`: a schema.org NewsArticle as text, ready to be printed as it is into a script element of the type `application/ld+json`.'
      })
    ),
    share: Type.Optional(ref(ShareBar)),
    related: Type.Optional(
      Type.Array(ref(ArticleItem), {
        maxItems: 6,
        description:
          'With `include=related`: live articles in its language that share tags with it, those with most in common first. A tag counts the more the fewer articles have it (from 1,000 on all count alike), the primary tag of this article twice; of what counts alike, the newest come first. Looks at the newest 300 of each tag.'
      })
    )
  },
  {
    $id: 'ContentArticle',
    description: 'A live article.',
    examples: [{ ...articleExample, body: { html: '<p>The first boat left at six.</p>' }, translations: [] }]
  }
)

export const ContentTag = Closed(
  {
    id: Id,
    kind: Type.Enum(Object.values(TagKind)),
    slug: Slug,
    name: Type.String(),
    description: Nullable(Type.String()),
    locale: Type.String({ description: 'The locale `name` is in.' }),
    parent: Nullable(Closed({ slug: Slug, name: Type.String() })),
    articleCount: Type.Integer({ minimum: 0, description: 'Live articles in the locale asked for.' })
  },
  {
    $id: 'ContentTag',
    examples: [
      {
        id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12',
        kind: 'topic',
        slug: 'shipping',
        name: 'Shipping',
        description: null,
        locale: 'en',
        parent: null,
        articleCount: 12
      }
    ]
  }
)
export const ContentTags = ListOf(ContentTag)

const label = Type.String()
export const ContentSite = Closed(
  {
    locale: Type.String(),
    direction: Type.Enum(['ltr', 'rtl']),
    name: label,
    tagline: label,
    timeZone: label,
    navigation: Type.Array(Closed({ label, url: label })),
    networks: Type.Array(Closed({ network: label, label, url: label })),
    apps: Type.Array(Closed({ store: label, label, url: label })),
    terms: Nullable(Closed({ text: label, link: Closed({ label, url: label }) })),
    copyright: Type.String({ description: 'With the present year.' }),
    strings: ref(ReaderStrings),
    locales: Type.Array(Closed({ locale: label, name: label, isDefault: Type.Boolean() }), {
      description: 'All sites there are, for a language switch.'
    })
  },
  {
    $id: 'ContentSite',
    description: 'What a front end in one locale needs besides the stories.',
    examples: [
      {
        locale: 'en',
        direction: 'ltr',
        name: 'The Harbour Record',
        tagline: 'News from the coast',
        timeZone: 'Europe/Riga',
        navigation: [{ label: 'World', url: '/en/world' }],
        networks: [
          {
            network: 'youtube',
            label: 'Follow us on YouTube',
            url: 'https://www.youtube.com/@harbour-record'
          }
        ],
        apps: [],
        terms: {
          text: 'Any use of materials is allowed only with a hyperlink to {link}.',
          link: { label: 'The Harbour Record', url: 'https://news.example/' }
        },
        copyright: '© 2026 The Harbour Record',
        strings: defaultStrings(['en']),
        locales: [{ locale: 'en', name: 'The Harbour Record', isDefault: true }]
      }
    ]
  }
)

/** Names of a closed set, separated by commas. */
export const commaList = (names: string[], description: string) => {
  const name = `(${names.join('|')})`
  return Type.String({ pattern: `^${name}(,${name})*$`, maxLength: 400, description })
}

/** One that no site has finds nothing, and says no more than that. */
export const locale = Type.Optional({
  ...Locale,
  description: 'The language; without it, the default site’s.'
})
export const anySlug = Type.String({ minLength: 1, maxLength: 400 })

export const SlugParams = Closed({ slug: anySlug })
export const at = Type.Optional({
  ...Moment,
  description:
    'What will be, or was, live at this moment. Takes a token of an editor; tags, links and texts are today’s.'
})
export const LocaleQuery = Closed({ locale, at })

export const ArticleQuery = Closed({
  locale,
  body: Type.Optional(
    Type.String({
      pattern: '^(html|blocks|markdown|text)(,(html|blocks|markdown|text))*$',
      maxLength: 40,
      description:
        'Which forms of the body, separated by commas: `html` (default), `blocks`, `markdown`, `text`.'
    })
  ),
  include: Type.Optional(
    commaList(
      ['share', 'related', 'jsonld'],
      'What to show besides: `share`, its share bar; `related`, stories with most in common with it; `jsonld`, what search engines want to know.'
    )
  ),
  at
})

export const TagsQuery = Closed({
  locale,
  kind: Type.Optional(Type.Enum(Object.values(TagKind))),
  at,
  ...PageParams
})

export const contentSchemas = [
  ReaderStrings,
  TagRef,
  AuthorRef,
  SourceRef,
  ArticleItem,
  ContentArticle,
  ContentTag,
  ContentSite
]
