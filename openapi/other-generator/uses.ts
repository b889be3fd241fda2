/** Compiled against what the other generator makes; never run. Right uses, and wrong ones a compiler must refuse. */
import { Api, type Article, type ArticleBody, type Block, type Problem } from './api.ts'

const api = new Api<string>({
  baseUrl: 'http://localhost:3000',
  securityWorker: (token) => (token ? { headers: { authorization: `Bearer ${token}` } } : {})
})

export async function publish(): Promise<string> {
  const session = await api.v1.signIn({ email: 'maya@example.org', password: 'seven small boats at dusk' })
  api.setSecurityData(session.data.accessToken)
  const tag = (await api.v1.createTag({ kind: 'topic', names: { en: 'Ferries' } })).data
  // @ts-expect-error no such kind
  api.v1.createTag({ kind: 'colour', names: { en: 'Ferries' } })
  const made = await api.v1.createArticle({
    locale: 'en',
    headline: 'Ferry line reopens',
    body: { markdown: 'It is **open**.' },
    tags: [tag.id]
  })
  // @ts-expect-error an article has a headline
  api.v1.createArticle({ locale: 'en' })
  const article: Article = made.data
  const headers = { 'if-match': made.headers.get('etag') ?? '' }
  const live = await api.v1.publishArticle(article.id, {}, { headers })
  const found = await api.v1.getLiveArticle(live.data.slug, { locale: 'en' })
  // @ts-expect-error no such member
  found.data.title
  return found.data.headline
}

export function textOf(body: ArticleBody): string {
  return body.blocks.map(wordsOf).join('\n')
}

/** Blocks are told apart by their type. */
function wordsOf(block: Block): string {
  if (block._type === 'block') return block.children.map(({ text }) => text).join('')
  // @ts-expect-error only text has children
  block.children
  return block._type === 'image' ? block.alt : ''
}

export const isStale = ({ code }: Problem) => code === 'stale_version'
// @ts-expect-error no such code
export const isStael = ({ code }: Problem) => code === 'stael_version'
