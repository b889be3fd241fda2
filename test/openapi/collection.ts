/**
 * The document as requests to send, for IDEs and httpYac: one file, a section a tag, bodies from the examples. What a
 * response tells (a token, an id, an ETag) is remembered for the requests after it, so the file works from top to bottom.
 */
type Schema = { $ref?: string; properties?: Record<string, unknown> }
type Parameter = { name: string; in: string; required?: boolean; example?: unknown; schema: Schema }
type Operation = {
  operationId: string
  summary: string
  tags: string[]
  security: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { example: unknown }> }
  responses: Record<
    string,
    { content?: Record<string, { example?: unknown }>; headers?: Record<string, Schema> }
  >
}
type Document = {
  info: { title: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
}
type Route = Operation & { method: string; path: string }
type Step = { body?: (example: object) => object; query?: Record<string, string> }

/** From a newsroom that has people only, to a story on the street and back: every step but reading needs those before it. */
const firstStory: [operationId: string, title: string, step?: Step][] = [
  ['isReady', 'Is it up?'],
  ['signIn', 'Sign in', { body: () => ({ email: '{{email}}', password: '{{password}}' }) }],
  ['getMe', 'Who am I?'],
  ['createTag', 'Make a tag'],
  ['createAuthor', 'Make an author'],
  [
    'createArticle',
    'Write an article',
    { body: (example) => ({ ...example, tags: ['{{tagId}}'], authors: ['{{authorId}}'] }) }
  ],
  ['changeArticle', 'Change it, naming the version that was read'],
  ['createPreview', 'Show the draft to somebody'],
  ['readPreview', 'What they see'],
  ['publishArticle', 'Publish it'],
  ['getLiveArticle', 'Read it, as everybody can now'],
  ['listLiveArticles', 'Find it by its tag', { query: { tag: '{{tagSlug}}' } }],
  ['getShareBar', 'Its share bar'],
  ['createShareLink', 'Make a short link'],
  ['followShareLink', 'Follow it'],
  ['countView', 'Tell of a view'],
  ['createRedirect', 'Lead an old path to it'],
  ['resolvePath', 'Where the old path leads'],
  ['createWebhook', 'Have others told'],
  ['createApiKey', 'Make a key for a program'],
  ['listLists', 'Where editors pin stories'],
  ['unpublishArticle', 'Take it down'],
  ['getArticle', 'What is left: the working copy'],
  ['publishArticle', 'Put it back']
]

/** What cannot be told from a path, or has no answer that tells it. */
const fixed: Record<string, string> = {
  'GET /problems/{code} code': 'not_found',
  'GET /v1/content/search q': 'ferry',
  'GET /v1/content/views ids': '{{articleId}}',
  'GET /oembed url': '{{articleUrl}}',
  'GET /v1/content/previews/{link} link': '{{previewToken}}',
  'GET /sitemaps/{page} page': '{{sitemapPage}}'
}
const everywhere: Record<string, string> = { locale: 'en', version: '1', from: '1' }
/** Members of example bodies that name other things. */
const named: Record<string, string> = {
  articleId: '{{articleId}}',
  storyId: '{{storyId}}',
  into: '{{otherTagId}}',
  tags: '{{tagId}}',
  id: '{{articleId}}',
  refreshToken: '{{refreshToken}}',
  currentPassword: '{{password}}'
}
/** Beside the id or slug of what a path is about. */
const alsoRemembered: Record<string, [variable: string, source: string][]> = {
  signIn: [
    ['token', 'response.body.accessToken'],
    ['refreshToken', 'response.body.refreshToken']
  ],
  refreshSession: [
    ['token', 'response.body.accessToken'],
    ['refreshToken', 'response.body.refreshToken']
  ],
  listTags: [['otherTagId', 'response.body.data[1].id']],
  createTag: [['tagSlug', 'response.body.slug']],
  createArticle: [['storyId', 'response.body.storyId']],
  getArticle: [['storyId', 'response.body.storyId']],
  publishArticle: [['articleSlug', 'response.body.slug']],
  getLiveArticle: [['articleUrl', 'response.body.url']],
  createPreview: [['previewToken', 'response.body.token']],
  createShareLink: [['code', 'response.body.code']],
  createArticleShareLink: [['code', 'response.body.code']],
  listShareLinks: [['code', 'response.body.data[0].code']],
  listArticleShareLinks: [['code', 'response.body.data[0].code']],
  listLists: [['listSlug', 'response.body.data[0].slug']],
  createList: [['listSlug', 'response.body.slug']],
  listWebhookDeliveries: [['deliveryId', 'response.body.data[0].id']],
  getSitemapIndex: [
    ['sitemapPage', 'response.body.getElementsByTagName("loc")[0].textContent.split("/").pop()']
  ]
}
/** Never ends: sent by hand only. */
const ENDLESS = 'streamChanges'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/

const routesOf = (document: Document): Route[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() }))
  )

/** `/v1/share-links` and `/v1/share-links/{id}` are about a `shareLink`. */
function nounOf(path: string) {
  const last =
    path
      .split('/')
      .filter((part) => part && !/[{.]/.test(part))
      .at(-1) ?? ''
  const word = last.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return word.replace(/ies$/, 'y').replace(/s$/, '')
}

/** Examples of what stands in a path are nobody's: it is what an answer told. */
function argumentOf({ method, path }: Route, { name, in: place, example }: Parameter): string {
  const own = fixed[`${method} ${path} ${name}`] ?? everywhere[name]
  if (own) return own
  if (place !== 'path' && example !== undefined) return encodeURIComponent(String(example))
  if (name === 'id' || name === 'slug') {
    const before = path.slice(0, path.indexOf(`/{${name}}`))
    return `{{${nounOf(before)}${name === 'id' ? 'Id' : 'Slug'}}}`
  }
  return `{{${name}}}`
}

/** Ids in the examples of the document are nobody's. */
function filled(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => filled(item, key))
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, name)]))
  const stands =
    typeof value === 'string' && (UUID.test(value) || key === 'refreshToken' || key === 'currentPassword')
  return stands ? (named[key] ?? value) : value
}

/** What a script after the request keeps. Nothing is kept of a list that is empty. */
function remembered({ method, path, operationId, responses }: Route): string[] {
  const answer = responses[201] ?? responses[200]
  const example = answer?.content?.['application/json']?.example as Record<string, unknown> | undefined
  const first = (example?.data as Record<string, unknown>[] | undefined)?.[0]
  const isCollection = !path.endsWith('}')
  const member = path.startsWith('/v1/content/') ? 'slug' : 'id'
  const variable = `${nounOf(path)}${member === 'id' ? 'Id' : 'Slug'}`
  const kept: [variable: string, source: string][] = []
  if (method === 'GET' && isCollection && first && member in first)
    kept.push([variable, `response.body.data[0].${member}`])
  if (method === 'POST' && isCollection && responses[201] && example && 'id' in example)
    kept.push([variable, 'response.body.id'])
  if (answer?.headers?.ETag?.$ref?.endsWith('/Version'))
    kept.push(['etag', 'response.headers.valueOf("etag")'])
  return [...kept, ...(alsoRemembered[operationId] ?? [])].map(([name, source]) => {
    const [item] = /response\.body\.data\[\d\]/.exec(source) ?? []
    return `${item ? `if (${item}) ` : ''}client.global.set("${name}", ${source})`
  })
}

function request(route: Route, name: string, title: string, run: boolean, step: Step = {}): string {
  const { method, path, parameters = [], requestBody, security } = route
  const inQuery = parameters.filter((parameter) => parameter.in === 'query')
  const optional = inQuery.filter(({ required }) => !required).map((parameter) => parameter.name)
  const query = new Map(
    inQuery
      .filter(({ required }) => required)
      .map((parameter) => [parameter.name, argumentOf(route, parameter)])
  )
  for (const [key, value] of Object.entries(step.query ?? {})) query.set(key, value)
  const address = parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce((text, parameter) => text.replace(`{${parameter.name}}`, argumentOf(route, parameter)), path)
  const search = [...query].map(([key, value]) => `${key}=${value}`).join('&')
  const media = requestBody?.content['application/json']
  const body = media && (step.body?.(media.example as object) ?? filled(media.example))
  const script = remembered(route)
  return [
    `### ${title}`,
    `# @name ${name}`,
    ...(run ? ['# @tag run'] : []),
    ...('301' in route.responses || '302' in route.responses ? ['# @no-redirect'] : []),
    ...(optional.length > 0 ? [`# Also: ${optional.join(', ')}`] : []),
    `${method} {{base}}${address}${search && `?${search}`}`,
    // Public routes take a token for another moment than now; a token that has ended would be in the way.
    ...(security.some((scheme) => Object.keys(scheme).length === 0)
      ? []
      : ['Authorization: Bearer {{token}}']),
    ...(parameters.some(({ name }) => name === 'if-match') ? ['If-Match: {{etag}}'] : []),
    ...(media ? ['Content-Type: application/json', '', JSON.stringify(body, null, 2)] : []),
    ...(script.length > 0 ? ['', '> {%', ...script.map((line) => `  ${line}`), '%}'] : []),
    ''
  ].join('\n')
}

/** The file `openapi/collection/dateline.http`. */
export function collectionOf(text: string): string {
  const document: Document = JSON.parse(text)
  const routes = routesOf(document)
  const route = (operationId: string) => {
    const found = routes.find((one) => one.operationId === operationId)
    if (!found) throw new Error(`The document has no ${operationId}.`)
    return found
  }
  const rule = (title: string, told: string) => `# ${'-'.repeat(100)}\n# ${title}: ${told}\n\n`
  const steps = firstStory.map(([operationId, title, step], index) =>
    request(route(operationId), `step${index + 1}_${operationId}`, `${index + 1}. ${title}`, true, step)
  )
  const sections = document.tags.map(({ name, description }) => {
    const own = routes.filter(({ tags }) => tags[0] === name)
    const requests = own.map((one) =>
      request(
        one,
        one.operationId,
        `${name}: ${one.summary}`,
        one.method === 'GET' && one.operationId !== ENDLESS,
        one.operationId === 'signIn' ? firstStory.find(([id]) => id === 'signIn')?.[2] : {}
      )
    )
    return rule(name, description) + requests.join('\n')
  })
  return withoutUnused(
    [
      `# ${document.info.title}: every request there is. Made by \`npm run openapi:collection\`. Do not edit.\n#`,
      '# For httpYac and the HTTP client of JetBrains. Put in the address and an account, then run "Sign in" in the first',
      '# story, or all of it. What an answer tells (token, id, slug, ETag) is remembered, and meant by the requests after it.\n',
      '@base = http://localhost:3000',
      '@email = admin@dateline.local',
      '@password = the password that the start printed\n',
      rule('First story', 'from signing in to a story that is out, shared, taken down and put back.') +
        steps.join('\n'),
      ...sections
    ].join('\n')
  )
}

/** What no request means is not remembered. */
function withoutUnused(text: string) {
  const unused = (name: string) => !text.includes(`{{${name}}}`)
  return text
    .replace(/^ .*client\.global\.set\("(\w+)".*\n/gm, (line, name: string) => (unused(name) ? '' : line))
    .replace(/^> \{%\n%\}\n\n?/gm, '')
}
