import { type Static, type TSchema, Type } from 'typebox'
import { Closed, Id, ref, Version } from '../../http/wire.ts'
import { NewPublication, Publication, Unpublishing } from '../../publishing/schema.ts'
import { ArticleSummary } from '../schema.ts'

const version = { ...Version, description: 'The version you read: what If-Match is to a single call.' }
const tags = Type.Array(Id, { minItems: 1, maxItems: 20, uniqueItems: true, description: 'Ids of tags.' })
const itemsOf = <T extends TSchema>(item: T) =>
  Type.Array(item, { minItems: 1, maxItems: 100, description: 'Each article once.' })

// Which revision is published is no choice here: it is the one that was read.
const { version: _, ...publication } = NewPublication.properties
const versioned = itemsOf(Closed({ id: Id, version }))

export const BulkPublish = Closed(
  { action: Type.Literal('publish'), items: itemsOf(Closed({ id: Id, version, ...publication })) },
  { $id: 'BulkPublish', description: 'Each as POST /v1/articles/{id}/publications does it.' }
)
export const BulkUnpublish = Closed(
  { action: Type.Literal('unpublish'), items: itemsOf(Closed({ id: Id, ...Unpublishing.properties })) },
  { $id: 'BulkUnpublish', description: 'Each as POST /v1/articles/{id}/unpublish does it.' }
)
export const BulkTag = Closed(
  { action: Type.Literal('tag'), tags, items: versioned },
  { $id: 'BulkTag', description: 'Puts the tags that an article does not have behind those it has.' }
)
export const BulkUntag = Closed(
  { action: Type.Literal('untag'), tags, items: versioned },
  { $id: 'BulkUntag', description: 'Takes the tags away where they are.' }
)
export const BulkTrash = Closed(
  { action: Type.Literal('trash'), items: versioned },
  { $id: 'BulkTrash', description: 'Each as DELETE /v1/articles/{id} does it.' }
)

const exampleId = '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10'

export const BulkOrder = Type.Unsafe<
  | Static<typeof BulkPublish>
  | Static<typeof BulkUnpublish>
  | Static<typeof BulkTag>
  | Static<typeof BulkUntag>
  | Static<typeof BulkTrash>
>({
  $id: 'BulkOrder',
  type: 'object',
  description: 'One action on up to 100 articles, told apart by `action`.',
  discriminator: { propertyName: 'action' },
  oneOf: [ref(BulkPublish), ref(BulkUnpublish), ref(BulkTag), ref(BulkUntag), ref(BulkTrash)],
  examples: [
    {
      action: 'tag',
      tags: ['019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a12'],
      items: [{ id: exampleId, version: 3 }]
    }
  ]
})

export const BulkResult = Closed(
  {
    id: Id,
    status: Type.Integer({ description: 'What the single call would have answered.' }),
    article: Type.Optional(ref(ArticleSummary)),
    publication: Type.Optional(ref(Publication)),
    problem: Type.Optional(
      Type.Unsafe<object>({
        $ref: 'Problem#',
        description: 'Why not. Pointers in it are into the body of this request.'
      })
    )
  },
  { $id: 'BulkResult', description: 'What became of one article.' }
)

export const BulkAnswer = Closed(
  { data: Type.Array(ref(BulkResult), { maxItems: 100, description: 'In the order of the items.' }) },
  {
    $id: 'BulkAnswer',
    examples: [
      {
        data: [
          { id: exampleId, status: 204 },
          {
            id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11',
            status: 412,
            problem: {
              type: '/problems/stale_version',
              title: 'The thing has changed since you read it',
              status: 412,
              detail: 'The current version is 8.',
              code: 'stale_version',
              requestId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a31',
              currentVersion: 8
            }
          }
        ]
      }
    ]
  }
)

export const bulkSchemas = [
  BulkPublish,
  BulkUnpublish,
  BulkTag,
  BulkUntag,
  BulkTrash,
  BulkOrder,
  BulkResult,
  BulkAnswer
]
