/** The OpenAPI document is made from the routes themselves, and so cannot say anything else than they do. */
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import type { Access } from './access.ts'
import { EXAMPLE_BASE, gettingStarted } from './getting-started.ts'
import { complete, type Document, OPTIONAL_BODY } from './openapi-document.ts'
import { problems } from './problems.ts'
import type { Needs } from './scopes.ts'

const tags = [
  { name: 'Content', description: 'What is live, for front ends. Public, no token.' },
  { name: 'Articles', description: 'The working copies editors change.' },
  { name: 'Publishing', description: 'The timeline: what is live from when until when.' },
  { name: 'Tags', description: 'Topics, people, organisations, places, sections and series.' },
  { name: 'Authors', description: 'Who signs.' },
  { name: 'Previews', description: 'Secret, expiring links to what is not live.' },
  { name: 'Share links', description: 'Short addresses with counts.' },
  { name: 'Lists', description: 'Curated, ordered lists of stories.' },
  { name: 'Redirects', description: 'Where old paths lead.' },
  { name: 'Webhooks', description: 'Whom events are sent to, and what came of it.' },
  { name: 'Site', description: 'One settings document per locale.' },
  { name: 'People', description: 'Who may do what, and signing in.' },
  { name: 'Audit', description: 'Who did what, and when.' },
  { name: 'About', description: 'The service itself.' }
]

const intro = `A headless CMS for newsrooms.

${gettingStarted}

## How it works

**Reading** needs no token: everything under \`/v1/content\` is public and shows only what is live. A token that is sent all the same must be good.

**Editing**: \`POST /v1/sessions\` with e-mail and password gives an access token for ten minutes and a refresh token.
Send \`Authorization: Bearer <accessToken>\`. Programs take an API key instead: \`POST /v1/api-keys\`. Whatever changes a thing needs \`If-Match\` with the ETag you read.

**Refusals** are problems (RFC 9457) with a \`code\` that never changes and a page under \`/problems/<code>\`.`

/** What we ask of others. */
const webhooks = {
  event: {
    post: {
      operationId: 'receiveEvent',
      tags: ['Webhooks'],
      summary: 'An event, sent to a webhook',
      description: `Sent within two seconds or so of what it tells of, as [Standard Webhooks](https://www.standardwebhooks.com)
has it: verify \`webhook-signature\` with the secret of the webhook over \`<webhook-id>.<webhook-timestamp>.<body>\`,
and refuse timestamps that are minutes off. While a secret is being replaced there are two signatures, separated by a space.

Answer 2xx within 15 seconds. Anything else, redirects too, is tried again: ten times within about 75 hours, later if
\`retry-after\` asks for it. 410 disables the webhook at once, ten tries in vain do too. The same event may come twice, under the same
\`webhook-id\`, and events may come in another order than that of their \`position\`.`,
      parameters: [
        ['webhook-id', 'The id of the event.', '019a1d2f-6f0a-7c3e-9a52-5b1f5f8b8a70'],
        ['webhook-timestamp', 'When this try was made, in seconds of Unix time.', '1795162500'],
        [
          'webhook-signature',
          '`v1,` and a HMAC-SHA256 in Base64.',
          'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4='
        ]
      ].map(([name, description, example]) => ({
        ...{ in: 'header', name, description, required: true, example },
        schema: { type: 'string', maxLength: 1_000 }
      })),
      // Whoever takes it goes by the signature, which no scheme of OpenAPI tells of.
      security: [{}],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/WebhookEvent' } } }
      },
      responses: {
        '2XX': { description: 'Taken.' },
        410: { description: 'Not wanted any more: disables the webhook.' }
      }
    }
  }
}

const bearer = {
  type: 'http',
  scheme: 'bearer',
  description:
    'An access token (from `POST /v1/sessions`), or an API key (`dl_…`, from `POST /v1/api-keys`), which needs one of the scopes that `x-scopes` of an operation names. Where none is named, the description says whether keys are taken. `<resource>:write` includes `<resource>:read`. A key never may more than its owner may at that moment.'
} as const

/** A public route that takes `at` takes a token too. */
function securityOf(access: Access, needs: Needs | undefined): Record<string, string[]>[] {
  if (!needs) return [{}]
  return access === 'public' ? [{}, { bearer: [] }] : [{ bearer: [] }]
}

function aboutKeys(needs: Needs) {
  if (needs === 'session') return 'API keys are not taken.'
  if (needs === 'any') return 'Any API key will do.'
  return `An API key needs the scope ${needs.map((scope) => `\`${scope}\``).join(' or ')}.`
}

/** Register before the routes; `components` are the schemas that have a name. */
export async function registerOpenApi(app: FastifyInstance, version: string, components: TSchema[]) {
  for (const schema of components) app.addSchema(schema)

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Dateline',
        version,
        description: intro,
        license: { name: 'MIT', identifier: 'MIT' },
        contact: { name: 'Whoever runs this newsroom’s Dateline' }
      },
      servers: [
        { url: '/', description: 'This production service.', 'x-internal': false } as { url: string }
      ],
      tags,
      webhooks: webhooks as Record<string, object>,
      components: { securitySchemes: { bearer } }
    },
    convertConstToEnum: false,
    refResolver: { buildLocalReference: (json) => String(json.$id) },
    transform: ({ schema, url, route }) => {
      const { config = {} } = route
      const { access = 'public', accessAt, needs } = config
      // A wrong token is refused where none is needed too, and so is who sends many.
      const statuses = [401, 429, 500, 503]
      if (schema.params || schema.querystring || schema.body) statuses.push(400)
      // Everybody who is signed in may ask who they are, and any key.
      if (needs && !(access === 'contributor' && needs === 'any')) statuses.push(403)
      // Said of a body before it is looked at whether there may be one.
      if (route.method !== 'GET' && route.method !== 'HEAD')
        statuses.push(413, ...(config.anyBody ? [] : [415]))
      const hasHeader = (name: string) => name in Object(Object(schema.headers).properties)
      if (hasHeader('if-match')) statuses.push(412, 428)
      if (hasHeader('idempotency-key')) statuses.push(409, 422)
      const who = access === 'public' ? 'Public.' : `Takes the role \`${access}\` or higher.`
      const atWho = accessAt ? `With \`at\`, takes the role \`${accessAt}\` or higher.` : ''
      const keys = needs ? aboutKeys(needs) : ''
      const patches = [route.method].flat().includes('PATCH')
      return {
        url,
        schema: {
          ...schema,
          ...(config.bodyOptional && { [OPTIONAL_BODY]: true }),
          ...(patches && { consumes: ['application/json', 'application/merge-patch+json'] }),
          description: [schema.description, [who, atWho, keys].filter(Boolean).join(' ')]
            .filter(Boolean)
            .join('\n\n'),
          security: securityOf(access, needs),
          // Not among the ways of `security`: only those of OAuth have scopes.
          ...(Array.isArray(needs) && { 'x-scopes': needs }),
          response: { ...problems(...statuses), ...(schema.response as object) }
        }
      }
    },
    transformObject: (documentObject) => {
      if (!('openapiObject' in documentObject)) return documentObject.swaggerObject
      return complete(documentObject.openapiObject as unknown as Document) as never
    }
  })
}

/** The page loads nothing from elsewhere and asks nobody but us; Swagger UI sets styles on its elements. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The docs page. Register before access is asked for: its own routes are as public as the document they show. */
export async function registerDocs(app: FastifyInstance, publicUrl: string) {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // What the page shows can be pasted where it is read. The document stays the committed one.
    transformSpecification: (document) => {
      const { info } = document as { info: { description: string } }
      return {
        ...document,
        info: { ...info, description: info.description.replace(EXAMPLE_BASE, publicUrl) }
      }
    },
    transformSpecificationClone: false,
    staticCSP: CONTENT_SECURITY_POLICY,
    uiConfig: {
      persistAuthorization: true,
      docExpansion: 'list',
      displayOperationId: true,
      validatorUrl: null
    },
    theme: {
      title: 'Dateline API',
      css: [{ filename: 'dateline.css', content: '.swagger-ui .topbar { display: none }' }]
    }
  })
}

export function registerOpenApiRoute(app: FastifyInstance) {
  app.get(
    '/openapi.json',
    {
      config: { access: 'public', tellsOfTokens: true },
      schema: {
        operationId: 'getOpenApi',
        tags: ['About'],
        summary: 'This document',
        response: { 200: { type: 'object', additionalProperties: true, description: 'OpenAPI 3.1.' } }
      }
    },
    async (_request, reply) => {
      reply.header('cache-control', 'public, no-cache').type('application/json')
      return JSON.stringify(app.swagger())
    }
  )
}
