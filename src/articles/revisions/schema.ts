import { type Static, Type } from 'typebox'
import { Block } from '../../body/schema.ts'
import { Closed, Id, ListOf, Nullable, PageParams, ref, Timestamp, Version } from '../../http/wire.ts'
import { Article } from '../schema.ts'

const tagId = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12'

const about = {
  version: Version,
  headline: Type.String(),
  message: Nullable(Type.String({ description: 'What its author wrote about it.' })),
  restoredFrom: Nullable({ ...Version, description: 'The version that was restored with this one.' }),
  createdBy: { ...Id, description: 'Who wrote it.' },
  createdByName: Nullable(Type.String()),
  createdAt: Timestamp
}

const example = {
  version: 3,
  headline: 'Ferry line reopens after two long winters',
  message: 'Says how long it was closed',
  restoredFrom: null,
  createdBy: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a13',
  createdByName: 'Mara Lindqvist',
  createdAt: '2026-11-20T08:40:00.000Z'
}

export const RevisionSummary = Closed(about, {
  $id: 'RevisionSummary',
  description: 'A revision in a list: who wrote it, when, and why.',
  examples: [example]
})

const fields = {
  headline: Article.properties.headline,
  kicker: Article.properties.kicker,
  standfirst: Article.properties.standfirst,
  body: Article.properties.body,
  slug: Article.properties.slug,
  authors: { ...Article.properties.authors, description: 'As they were then; some may be deleted by now.' },
  tags: {
    ...Article.properties.tags,
    description: 'As they were then; some may be merged or deleted by now.'
  },
  source: Article.properties.source,
  image: Article.properties.image,
  dateline: Article.properties.dateline,
  breaking: Article.properties.breaking,
  accessibleForFree: Article.properties.accessibleForFree,
  sensitive: Article.properties.sensitive,
  seo: Article.properties.seo,
  rights: Article.properties.rights
}

const content = {
  headline: 'Ferry line reopens after two long winters',
  kicker: 'Coast',
  standfirst: 'The first boat left with forty passengers and a dog.',
  body: { blocks: [] },
  slug: 'ferry-line-reopens',
  authors: [],
  tags: [tagId],
  source: null,
  image: null,
  dateline: 'Port Ansel',
  breaking: false,
  accessibleForFree: true,
  sensitive: false,
  seo: { title: null, description: null, canonicalUrl: null },
  rights: null
}

export const RevisionContent = Closed(fields, {
  $id: 'RevisionContent',
  description: 'All content fields of an article, as they were at one version.',
  examples: [content]
})

export const Revision = Closed(
  { ...about, content: ref(RevisionContent) },
  {
    $id: 'Revision',
    description: 'What an article’s content was at one version. It never changes.',
    examples: [{ ...example, content }]
  }
)

export const RestoredArticle = Closed(
  {
    ...Article.properties,
    dropped: Closed(
      { tags: Type.Array(Id), authors: Type.Array(Id) },
      { description: 'Ids in the revision that could not be restored: they were deleted.' }
    )
  },
  {
    $id: 'RestoredArticle',
    description: 'The working copy after a revision was restored.',
    examples: [
      {
        ...(Article as unknown as { examples: Static<typeof Article>[] }).examples[0],
        version: 4,
        dropped: { tags: [tagId], authors: [] }
      }
    ]
  }
)

const op = <T extends string>(values: T[], description: string) =>
  Type.Unsafe<T>({ ...Type.Enum(values), description })

export const WordChange = Closed(
  { op: op(['same', 'inserted', 'removed'], 'On which side the words are.'), text: Type.String() },
  {
    $id: 'WordChange',
    description:
      'A stretch of text. All that are not `removed` joined are the text after, all that are not `inserted` the text before.',
    examples: [{ op: 'inserted', text: 'long ' }]
  }
)

const block = {
  _type: 'block' as const,
  _key: 'p1',
  style: 'normal' as const,
  children: [{ _type: 'span' as const, _key: 's0', text: 'After two winters.', marks: [] }],
  markDefs: []
}
const changed = {
  op: 'changed',
  key: 'p1',
  before: block,
  after: { ...block, children: [{ ...block.children[0], text: 'After two long winters.' }] },
  words: [
    { op: 'same', text: 'After two ' },
    { op: 'inserted', text: 'long ' },
    { op: 'same', text: 'winters.' }
  ]
}

export const BlockChange = Closed(
  {
    op: op(
      ['same', 'changed', 'moved', 'inserted', 'removed'],
      '`moved`: it stands elsewhere among the blocks that are in both, and may have changed too.'
    ),
    key: Type.String({ description: 'Of the block after, or of the one that was removed.' }),
    before: Type.Optional({ ...ref(Block), description: 'Unless inserted, or exactly as it is after.' }),
    after: Type.Optional({ ...ref(Block), description: 'Unless removed.' }),
    words: Type.Optional(
      Type.Array(ref(WordChange), { description: 'When a paragraph, its style, marks or links changed.' })
    )
  },
  { $id: 'BlockChange', description: 'What became of one block.', examples: [changed] }
)

const FieldChange = Closed({
  field: Type.String({ description: 'Name of a content field.' }),
  before: Type.Unsafe<unknown>({ description: 'Its value in `from`.' }),
  after: Type.Unsafe<unknown>({ description: 'Its value in `to`.' })
})

export const ArticleDiff = Closed(
  {
    from: Version,
    to: Version,
    fields: Type.Array(FieldChange, { description: 'The content fields that differ, but the body.' }),
    body: Type.Array(ref(BlockChange), {
      description:
        'Every block of both sides once, in the order of `to`; one that was removed stands behind the block it stood behind.'
    })
  },
  {
    $id: 'ArticleDiff',
    description: 'What differs between two revisions of an article.',
    examples: [
      {
        from: 1,
        to: 3,
        fields: [
          {
            field: 'headline',
            before: 'Ferry line reopens after two winters',
            after: 'Ferry line reopens after two long winters'
          }
        ],
        body: [changed]
      }
    ]
  }
)

export const RevisionList = ListOf(RevisionSummary)
export const RevisionQuery = Closed(PageParams)
export const RevisionParams = Closed({ id: Id, version: Version })

export const DiffQuery = Closed({
  from: { ...Version, description: 'The version to compare.' },
  to: Type.Optional({
    ...Version,
    description: 'The version to compare it with; the current one when left out.'
  })
})

export const revisionSchemas = [
  RevisionSummary,
  RevisionContent,
  Revision,
  RestoredArticle,
  WordChange,
  BlockChange,
  ArticleDiff
]
