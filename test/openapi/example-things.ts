/**
 * What must be there for the example of an operation to do what the document says, one row for each operation. What an
 * example makes is left as it stands; what it names is replaced by what is there.
 */
import { author, draft, type Newsroom, story, tag, unique, type Who } from '../helper.ts'

export type Ready = {
  /** In place of those in the address. */
  path?: Record<string, string>
  /** In place of the examples of parameters that name something, or a moment that must be still to come. */
  query?: Record<string, string>
  // biome-ignore lint/suspicious/noExplicitAny: an example has whatever shape its schema gives it
  body?: (example: any) => unknown
  ifMatch?: number
  /** An admin, unless it says otherwise. */
  as?: Who
  token?: string
  /** Where the document tells of more than one success. */
  status?: number
}
type Prepare = () => Promise<Ready> | Ready

const PASSWORD = 'seven small boats at dusk'
const HOUR = 3_600_000
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString()

/** `hook`: where webhooks may send to. By operationId; `operation?parameter` where the parameter takes something else. */
export function preparations(room: Newsroom, hook: string): Record<string, Prepare> {
  const { api } = room
  const admin = { as: 'admin' } as const
  const post = async (path: string, body?: object, options: object = {}) =>
    (await api(`POST ${path}`, { ...admin, body, expect: [200, 201], ...options })).body

  const asIs = () => ({})
  /** The address names one thing, and a change names its version. */
  const one = (make: () => Promise<{ id: string; version?: number }>) => async () => {
    const { id, version } = await make()
    return { path: { id }, ifMatch: version }
  }
  /** A list has more than one page. */
  const two = (make: () => Promise<unknown>) => async () => {
    await make()
    await make()
    return {}
  }

  const user = async () =>
    post('/v1/users', {
      email: `${unique('maya')}@example.org`,
      name: 'Maya',
      role: 'author',
      password: PASSWORD
    })
  const session = async (email: string) =>
    (await api('POST /v1/sessions', { body: { email, password: PASSWORD }, expect: 201 })).body
  const userAndToken = async () => {
    const { id, email } = await user()
    await session(email)
    const { accessToken, refreshToken } = await session(email)
    return { id, email, accessToken, refreshToken }
  }
  const signedIn = async () => ({ token: (await userAndToken()).accessToken })
  const key = () => post('/v1/api-keys', { name: 'Importer', scopes: ['tags:read'] })
  const passwordLink = async () => post(`/v1/users/${(await user()).id}/password-links`, {})

  const open = { standfirst: 'In two sentences.', body: { markdown: 'It was **late**.' } }
  const article = () => draft(room, { ...open, headline: unique('Ferry') })
  const live = () => story(room, { headline: unique('Ferry') })
  const corrected = async () => {
    const { id, version } = await article()
    return (
      await api(`PATCH /v1/articles/${id}`, {
        ...admin,
        ifMatch: version,
        body: { kicker: 'Coast' },
        expect: 200
      })
    ).body
  }
  const trashed = async () => {
    const { id, version } = await article()
    await api(`DELETE /v1/articles/${id}`, { ...admin, ifMatch: version, expect: 204 })
    return { id, version }
  }
  const moved = async () => {
    const { id, version } = await article()
    const after = await api(`POST /v1/articles/${id}/stage`, {
      ...admin,
      ifMatch: version,
      body: { to: 'in_review' },
      expect: 200
    })
    await api(`POST /v1/articles/${id}/stage`, {
      ...admin,
      ifMatch: after.body.version,
      body: { to: 'ready' },
      expect: 200
    })
    return { id }
  }
  const translated = async () => {
    const { id } = await article()
    for (const locale of ['ru', 'hy'])
      await post(`/v1/articles/${id}/translations`, { locale, headline: unique('Told') })
    return { id }
  }
  const scheduled = async () => {
    const { id, version } = await live()
    const { version: next } = (
      await api(`PATCH /v1/articles/${id}`, {
        ...admin,
        ifMatch: version,
        body: { kicker: 'Coast' },
        expect: 200
      })
    ).body
    const publication = await post(
      `/v1/articles/${id}/publications`,
      { liveFrom: inHours(1) },
      { ifMatch: next }
    )
    return { path: { id, publicationId: publication.id as string } }
  }
  const withdrawn = async () => {
    const { id } = await live()
    await post(`/v1/articles/${id}/withdraw`, { reason: 'Court order' })
    return { id }
  }

  const link = async () => post('/v1/share-links', { articleId: (await live()).id, channel: 'other' })
  const aLink = async () => ({ path: { code: (await link()).code as string } })
  const list = async () => {
    const { id, slug, version } = await post('/v1/lists', { titles: { en: unique('World') }, size: 5 })
    return { id, slug, version }
  }
  const preview = async (articleId?: string) =>
    post(`/v1/articles/${articleId ?? (await article()).id}/previews`, {})
  const redirect = () => post('/v1/redirects', { path: `/${unique('old')}`, target: '/new' })
  const webhook = () => post('/v1/webhooks', { url: hook, events: ['webhook.*'] })
  const tried = async () => {
    const { id } = await webhook()
    await post(`/v1/webhooks/${id}/test`)
    await post(`/v1/webhooks/${id}/test`)
    const { data } = (await api(`GET /v1/webhooks/${id}/deliveries`, { ...admin, expect: 200 })).body
    return { id, deliveryId: data[0].eventId as string }
  }
  const site = async () => {
    const { version } = (await api('GET /v1/site/en', { ...admin, expect: 200 })).body
    return { path: { locale: 'en' }, ifMatch: version }
  }

  /** A live article with a tag and an author of its own. */
  const signedStory = async () => {
    const [topic, writer] = [await tag(room), await author(room)]
    const { slug } = await story(room, { headline: unique('Ferry'), tags: [topic.id], authors: [writer.id] })
    return { article: slug as string, tag: topic.slug as string, author: writer.slug as string }
  }
  const liveArticle = async () => ({ path: { slug: (await signedStory()).article } })
  const liveStories = async () => {
    await signedStory()
    const { tag, author } = await signedStory()
    return { query: { tag, author, excludeTag: tag } }
  }
  const ofTag = async () => ({ query: { tag: (await signedStory()).tag } })
  /** Each page of a list under one article. */
  const under = (make: (id: string) => Promise<unknown>) => async () => {
    const { id } = await live()
    await make(id)
    await make(id)
    return { path: { id } }
  }

  return {
    getOpenApi: asIs,
    listProblems: asIs,
    getProblem: () => ({ path: { code: 'stale_version' } }),
    isLive: asIs,
    isReady: asIs,
    getKeys: asIs,

    signIn: async () => {
      const { email } = await user()
      return { body: (example) => ({ ...example, email }) }
    },
    listSessions: signedIn,
    refreshSession: async () => {
      const { refreshToken } = await userAndToken()
      return { body: () => ({ refreshToken }) }
    },
    signOut: signedIn,
    endSessions: signedIn,
    endSession: async () => {
      const { accessToken } = await userAndToken()
      const { sessionId } = (await api('GET /v1/me', { token: accessToken, expect: 200 })).body
      return { path: { id: sessionId } }
    },
    listUserSessions: one(userAndToken),
    endUserSessions: one(userAndToken),
    getMe: asIs,
    changePassword: signedIn,
    createPasswordLink: one(user),
    usePasswordLink: async () => {
      const { token } = await passwordLink()
      return { body: (example) => ({ ...example, token }) }
    },
    listUsers: asIs,
    createUser: asIs,
    getUser: one(user),
    changeUser: one(user),
    listApiKeys: two(key),
    createApiKey: () => ({ body: (example) => ({ ...example, expiresAt: inHours(1) }) }),
    getApiKey: one(key),
    renameApiKey: one(key),
    revokeApiKey: one(key),

    listTags: two(() => tag(room)),
    createTag: asIs,
    getTag: one(() => tag(room)),
    changeTag: one(() => tag(room)),
    deleteTag: one(() => tag(room)),
    mergeTag: async () => {
      const [from, into] = [await tag(room), await tag(room)]
      return { path: { id: from.id }, body: () => ({ into: into.id }) }
    },
    listAuthors: two(() => author(room)),
    createAuthor: asIs,
    getAuthor: one(() => author(room)),
    changeAuthor: one(() => author(room)),
    deleteAuthor: one(() => author(room)),

    listArticles: async () => {
      const [topic, writer] = [await tag(room), await author(room)]
      await two(article)()
      return { query: { tag: topic.id, author: writer.id } }
    },
    createArticle: asIs,
    getArticle: one(article),
    changeArticle: one(article),
    trashArticle: one(article),
    'trashArticle?purge': one(trashed),
    restoreArticle: one(trashed),
    listStageMoves: one(moved),
    moveStage: one(article),
    listTranslations: one(translated),
    translateArticle: one(article),
    listRevisions: one(corrected),
    getRevision: async () => ({ path: { id: (await article()).id, version: '1' } }),
    restoreRevision: async () => {
      const { id, version } = await corrected()
      return { path: { id, version: '1' }, ifMatch: version }
    },
    diffArticle: one(corrected),
    listPublications: scheduled,
    publishArticle: async () => ({ ...(await one(article)()), status: 201 }),
    changePublication: async () => ({ ...(await scheduled()), body: () => ({ liveFrom: inHours(2) }) }),
    cancelPublication: scheduled,
    unpublishArticle: one(live),
    withdrawArticle: one(live),
    reinstateArticle: async () => ({ ...(await one(withdrawn)()), status: 200 }),
    changeArticles: async () => {
      const [topic, { id, version }] = [await tag(room), await article()]
      return { body: (example) => ({ ...example, tags: [topic.id], items: [{ id, version }] }) }
    },

    listShareLinks: two(link),
    createShareLink: async () => {
      const { id } = await article()
      return { body: (example) => ({ ...example, articleId: id }), status: 201 }
    },
    createShareLinks: async () => {
      const ids = [(await article()).id, (await article()).id]
      const body = ({ items }: { items: object[] }) => ({
        items: items.map((item, index) => ({ ...item, articleId: ids[index] }))
      })
      return { body }
    },
    listArticleShareLinks: one(live),
    createArticleShareLink: async () => ({ ...(await one(article)()), status: 201 }),
    getShareLink: one(link),
    changeShareLink: one(link),
    archiveShareLink: one(link),
    getShareLinkStats: one(link),
    getArticleStats: one(live),

    listLists: two(list),
    createList: asIs,
    getList: one(list),
    changeList: one(list),
    deleteList: one(list),
    setListItems: async () => {
      const { storyId } = await live()
      return { ...(await one(list)()), body: () => [{ storyId, pinnedUntil: inHours(1) }] }
    },
    listPreviews: under((id) => preview(id)),
    createPreview: one(article),
    revokePreview: one(preview),
    readPreview: async () => ({ path: { link: (await preview()).token } }),
    listRedirects: two(redirect),
    createRedirect: async () => {
      const { storyId } = await live()
      return { body: (example) => ({ ...example, storyId }) }
    },
    getRedirect: one(redirect),
    changeRedirect: one(redirect),
    deleteRedirect: one(redirect),

    listWebhooks: two(webhook),
    createWebhook: asIs,
    getWebhook: one(webhook),
    changeWebhook: one(webhook),
    deleteWebhook: one(webhook),
    rotateWebhookSecret: one(webhook),
    listWebhookDeliveries: one(tried),
    testWebhook: one(webhook),
    replayWebhookDelivery: async () => {
      const { id, deliveryId } = await tried()
      return { path: { id, deliveryId } }
    },
    replayWebhookDeliveries: async () => ({
      ...(await one(tried)()),
      body: () => ({ since: inHours(-1), until: inHours(0) })
    }),

    getSite: site,
    changeSite: site,
    listAudit: asIs,

    listLiveArticles: liveStories,
    getLiveArticle: liveArticle,
    listTrending: asIs,
    getShareBar: liveArticle,
    getQrSvg: aLink,
    getQrPng: aLink,
    listLiveTags: two(signedStory),
    getLiveTag: async () => ({ path: { slug: (await signedStory()).tag } }),
    listLiveAuthors: two(signedStory),
    getLiveAuthor: async () => ({ path: { slug: (await signedStory()).author } }),
    getLiveList: async () => ({ path: { slug: (await list()).slug } }),
    getPublicSite: asIs,
    resolvePath: async () => ({ query: { path: (await redirect()).path } }),
    getRssFeed: ofTag,
    getAtomFeed: ofTag,
    getJsonFeed: ofTag,
    getSitemapIndex: asIs,
    getSitemap: async () => {
      await live()
      return { path: { page: `en-${new Date().toISOString().slice(0, 7)}-1.xml` } }
    },
    getNewsSitemap: asIs,
    getOEmbed: async () => ({ query: { url: `https://news.example/en/${(await live()).slug}` } }),
    searchLiveArticles: liveStories,
    listChanges: two(live),
    streamChanges: asIs,
    listViews: async () => ({ query: { ids: (await live()).id } }),
    followShareLink: async () => ({ ...(await aLink()), status: 302 }),
    countView: one(live)
  }
}
