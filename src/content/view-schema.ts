import { type Static, Type } from 'typebox'
import { CASE_INSENSITIVE, Closed, Id, ref } from '../http/wire.ts'

/** How many may be asked for at once. */
const MOST = 100
const UUID = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'

export const ViewsQuery = Closed({
  ids: Type.String({
    pattern: `^${UUID}(,${UUID}){0,${MOST - 1}}$`,
    maxLength: MOST * 37 - 1,
    description: `Ids of articles, separated by commas: 1 to ${MOST}. One that is repeated is told once.`,
    [CASE_INSENSITIVE]: true,
    examples: ['019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10']
  })
})

const example = { id: '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10', total: 69, last24h: 12 }

export const ArticleViews = Closed(
  {
    id: Id,
    total: Type.Integer({ minimum: 0, description: 'All views ever counted.' }),
    last24h: Type.Integer({
      minimum: 0,
      description:
        'Those of the last 24 hours. Views are kept by the hour and taken to be spread evenly over it: of the hour in which the 24 hours begin a part counts, as in what is trending.'
    })
  },
  {
    $id: 'ContentArticleViews',
    description: 'How often an article was read. 0 also when it is not there, or was never live.',
    examples: [example]
  }
)
export const Views = Closed(
  {
    data: Type.Array(ref(ArticleViews), {
      maxItems: MOST,
      description: 'In the order asked for.'
    })
  },
  {
    $id: 'ContentViews',
    description: 'How often articles were read.',
    examples: [{ data: [example] }]
  }
)

export type ArticleViews = Static<typeof ArticleViews>

export const viewSchemas = [ArticleViews, Views]
