/** What the access matrix asks for: things of everybody's in every state, and requests that are refused for access or not at all. */
import {
  type Answer,
  author,
  draft,
  type Newsroom,
  type Options,
  PASSWORD,
  roles,
  story,
  tag,
  unique
} from './helper.ts'

export type Role = (typeof roles)[number]
export const states = ['draft', 'live', 'trashed'] as const
export type State = (typeof states)[number]
export type Whose = 'own' | 'others’'

/** What stands for the braces in an address. */
type Names = Record<string, string>

/** An article in a state, made by somebody, with a share link and a preview link made by an admin. */
async function articleOf(room: Newsroom, maker: Role, state: State): Promise<Names> {
  const { api } = room
  const admin = { as: 'admin' } as const
  const { id } =
    state === 'live'
      ? await story(room, { as: maker })
      : await draft(room, { as: maker, headline: unique('Ours') })
  const link = await api('POST /v1/share-links', {
    ...admin,
    body: { articleId: id, channel: 'other' },
    expect: 201
  })
  const preview = await api(`POST /v1/articles/${id}/previews`, { ...admin, body: {}, expect: 201 })
  const publications = await api(`GET /v1/articles/${id}/publications`, { ...admin, expect: 200 })
  if (state === 'trashed') await api(`DELETE /v1/articles/${id}`, { ...admin, ifMatch: 1, expect: 204 })
  return {
    articles: id,
    'share-links': link.body.id,
    previews: preview.body.id,
    publicationId: publications.body.data[0]?.id ?? id
  }
}

async function keyOf(room: Newsroom, maker: Role): Promise<Names> {
  const body = { name: 'For the matrix', scopes: ['tags:read'] }
  return { 'api-keys': (await room.api('POST /v1/api-keys', { as: maker, body, expect: 201 })).body.id }
}

/** Another session than the one that asks. */
async function sessionOf(room: Newsroom, maker: Role): Promise<Names> {
  const body = { email: `${maker}@example.org`, password: PASSWORD }
  const { accessToken } = (await room.api('POST /v1/sessions', { body, expect: 201 })).body
  return { sessions: (await room.api('GET /v1/me', { token: accessToken, expect: 200 })).body.sessionId }
}

/** Things there is one of for everybody: nobody's own. */
async function shared(room: Newsroom): Promise<Names> {
  const { api } = room
  const admin = { as: 'admin', expect: 201 } as const
  const topic = await tag(room, { slug: 'topic' })
  const writer = await author(room, { slug: 'writer' })
  const live = await story(room, { slug: 'lived', tags: [topic.id], authors: [writer.id] })
  const list = await api('POST /v1/lists', {
    ...admin,
    body: { slug: 'top', titles: { en: 'Top' }, size: 5 }
  })
  const redirect = await api('POST /v1/redirects', { ...admin, body: { path: '/old', target: '/new' } })
  const preview = await api(`POST /v1/articles/${live.id}/previews`, { ...admin, body: {} })
  const link = await api('POST /v1/share-links', { ...admin, body: { articleId: live.id, channel: 'other' } })
  const webhook = await api('POST /v1/webhooks', {
    ...admin,
    body: { url: 'https://1.1.1.1/', events: ['webhook.*'], enabled: false }
  })
  return {
    webhooks: webhook.body.id,
    deliveryId: webhook.body.id,
    tags: topic.id,
    authors: writer.id,
    lists: list.body.id,
    redirects: redirect.body.id,
    users: room.userIds.author,
    'content/articles': live.id,
    link: preview.body.token,
    code: link.body.code,
    'problems/code': 'gone',
    locale: 'en',
    version: '1',
    page: `en-${new Date().toISOString().slice(0, 7)}-1.xml`,
    'articles/slug': 'lived',
    'tags/slug': 'topic',
    'authors/slug': 'writer',
    'lists/slug': 'top'
  }
}

/** Which state and owner a path has to do with. */
export const ofArticles = (path: string) => /^\/v1\/(articles|share-links|previews)\/\{id\}/.test(path)
export const ofKeys = (path: string) => path.startsWith('/v1/api-keys/{id}')
export const ofSessions = (path: string) => path === '/v1/sessions/{id}'

const NO_VERSION = 999_999

/**
 * What to send so that whoever may gets past the question of whose a thing is, and then, where possible, no further: a
 * version that is not there, a time that has passed. What is not named here is sent an empty body, which is refused
 * right after the role was asked for.
 */
const sent: Record<string, { query?: string; body?: object }> = {
  changeArticle: { body: { kicker: 'Coast' } },
  moveStage: { body: { to: 'in_review' } },
  translateArticle: { body: { locale: 'en' } },
  diffArticle: { query: 'from=1' },
  changePublication: { body: { liveUntil: '2001-01-01T00:00:00Z' } },
  unpublishArticle: { body: { at: '2001-01-01T00:00:00Z' } },
  withdrawArticle: { body: { reason: 'By order of a court.' } },
  createArticleShareLink: { body: { channel: 'other' } },
  createPreview: { body: { version: NO_VERSION } },
  changeShareLink: { body: { note: 'Mine' } },
  renameApiKey: { body: { name: 'Renamed' } },
  resolvePath: { query: 'path=/old' },
  getOEmbed: { query: 'url=https://news.example/en/lived' },
  searchLiveArticles: { query: 'q=story' },
  listViews: { query: 'ids=019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a10' }
}
/** These do something when they are let through, and leave the thing as it is for what the matrix asks. */
const harmless = new Set(['createArticleShareLink', 'revokePreview', 'renameApiKey', 'revokeApiKey'])

export type Asked = {
  operationId: string
  method: string
  /** As in the OpenAPI document, with `?at=` or the like. */
  path: string
  whose: Whose
  state: State
  caller: Role | 'nobody'
}

/** Sends requests of the matrix, each about a thing that is as it says. */
export async function makeAsk(room: Newsroom) {
  const common = await shared(room)
  const { paths } = room.app.swagger() as unknown as {
    paths: Record<string, Record<string, { operationId: string; requestBody?: object }>>
  }
  const withBody = new Set(
    Object.values(paths)
      .flatMap((item) => Object.values(item))
      .filter(({ requestBody }) => requestBody)
      .map(({ operationId }) => operationId)
  )
  const kept = new Map<string, Names>()

  async function namesFor({ path, whose, state, caller }: Asked): Promise<[key: string, names: Names]> {
    const own = caller === 'nobody' ? 'editor' : caller
    // Of whom a contributor may know nothing, and an author change nothing.
    const maker =
      whose === 'own' ? own : (roles.find((role) => role !== own && role !== 'contributor') as Role)
    const [key, make] = ofArticles(path)
      ? [`${maker} ${state}`, () => articleOf(room, maker, state)]
      : ofKeys(path)
        ? [`${maker} key`, () => keyOf(room, maker)]
        : ofSessions(path)
          ? [`${maker} session`, () => sessionOf(room, maker)]
          : ['', async () => ({})]
    if (!key) return ['', common]
    const names = kept.get(key) ?? (await make())
    kept.set(key, names)
    return [key, { ...common, ...names }]
  }

  return async (asked: Asked, token: string | undefined): Promise<Answer> => {
    const { operationId, method, path } = asked
    const [key, names] = await namesFor(asked)
    const { query, body } = sent[operationId] ?? {}
    const [bare = '', more] = path.split('?')
    const parts = bare.split('/')
    const real = parts.map((part, index) => {
      if (!part.startsWith('{')) return part
      const name = part.slice(1, -1)
      const under = parts[index - 1] ?? ''
      const found =
        name === 'id' ? names[parts.slice(2, index).join('/')] : (names[`${under}/${name}`] ?? names[name])
      if (found === undefined)
        throw new Error(`${path}: nothing is there to ask for as {${name}} of ${under}`)
      return found
    })
    const search = [more, query].filter(Boolean).join('&')
    const options: Options = { token, ...(method !== 'GET' && { ifMatch: NO_VERSION }) }
    if (withBody.has(operationId)) options.body = body ?? {}
    const answer = await room.api(`${method} ${real.join('/')}${search ? `?${search}` : ''}`, options)
    if (answer.status < 300 && method !== 'GET' && !harmless.has(operationId)) kept.delete(key)
    return answer
  }
}
