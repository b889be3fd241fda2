import { Type } from 'typebox'
import { Closed, Id, Locale, Page, PageParams, ref, Slug, Timestamp, withDefault } from '../http/wire.ts'

const cursor = (description: string) => Type.String({ maxLength: 200, description })

export const Change = Closed(
  {
    id: cursor('The cursor of this change: what comes after it is read with `cursor=<id>`.'),
    type: Type.Enum(['upsert', 'remove'], {
      description: '`upsert`: fetch the article, it is live. `remove`: it is live no more.'
    }),
    article: Closed({ id: Id, storyId: Id, locale: Locale, slug: Slug }),
    reason: Type.Enum(['published', 'corrected', 'tags', 'ended', 'withdrawn'], {
      description:
        '`published`: it was not live just before. `corrected`: another version took over, or somebody who signs it has another name. `tags`: its tags were merged, renamed or deleted. `ended`, `withdrawn`: it was taken down, for legal reasons or not.'
    }),
    at: Type.Unsafe<Date>({
      ...Timestamp,
      description: 'The moment itself, such as that of a scheduled start; not when it was noticed.'
    })
  },
  {
    $id: 'Change',
    description: 'A change of what is live.',
    examples: [
      {
        id: 'wJUOyCjoQp4tIcXUq4XAdVs0MTcyXQ',
        type: 'upsert',
        article: {
          id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10',
          storyId: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a11',
          locale: 'en',
          slug: 'ferry-line-reopens'
        },
        reason: 'published',
        at: '2026-11-20T08:15:00.000Z'
      }
    ]
  }
)

export const Changes = Closed({
  data: Type.Array(ref(Change), { maxItems: 100 }),
  page: {
    ...ref(Page),
    description: '`next` is always there: on the last page it is where to go on later.'
  } as ReturnType<typeof ref<typeof Page>>
})

const which = {
  cursor: Type.Optional(cursor('Where to go on: an `id` or `page.next`, with the same `locale`.')),
  locale: Type.Optional({ ...Locale, description: 'Only articles of this locale; absent = of all.' })
}

export const ChangesQuery = Closed({ ...which, limit: withDefault(PageParams.limit, 100) })
export const StreamQuery = Closed(which)
export const changeSchemas = [Change]
