import { Type } from 'typebox'
import { Closed, PageParams } from '../../http/wire.ts'
import { NewArticle } from '../schema.ts'

const { headline, ...members } = NewArticle.properties

export const NewTranslation = Closed(
  { ...members, headline: Type.Optional(headline) },
  {
    $id: 'NewTranslation',
    description:
      'The language, and what the translation begins with. Members left out are copied from the article that is translated, but for `slug`, which is made from the headline, and `seo.canonicalUrl`.',
    examples: [{ locale: 'ru', headline: 'Паромная линия снова открыта' }]
  }
)

export const TranslationQuery = Closed(PageParams)
export const translationSchemas = [NewTranslation]
