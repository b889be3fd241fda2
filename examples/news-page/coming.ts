/**
 * What Dateline's document does not tell of yet, asked for so that a Dateline without it is no fault. To be removed
 * when `openapi/types.ts` has it: then `pages.ts` asks with `reading.get` and takes the types of the answers.
 */
import { type Article, type Item, type Reading, Refused } from './api.ts'

export type WholeArticle = Article & { related?: Item[]; jsonld?: object }
export type Hit = Item & { highlights: { field: string; start: number; end: number }[] }
type Hits = { data: Hit[]; page: { next: string | null } }

export async function getArticle(reading: Reading, slug: string, locale: string): Promise<WholeArticle> {
  const asked = { slug, locale, include: 'related,jsonld' }
  try {
    return await reading.get('/v1/content/articles/{slug}', asked)
  } catch (error) {
    // It does not know the parameter.
    if (!(error instanceof Refused) || error.status !== 400) throw error
    return reading.get('/v1/content/articles/{slug}', { slug, locale })
  }
}

export const search = (
  reading: Reading,
  asked: { q: string; locale: string; limit: number; cursor?: string }
) => reading.get('/v1/content/search' as '/v1/content/articles', asked) as Promise<unknown> as Promise<Hits>
