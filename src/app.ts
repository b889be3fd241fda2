/** The table of contents: what is registered, in the order a request passes through it. */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { bulkRoutes } from './articles/bulk/routes.ts'
import { bulkSchemas } from './articles/bulk/schema.ts'
import { revisionRoutes } from './articles/revisions/routes.ts'
import { revisionSchemas } from './articles/revisions/schema.ts'
import { articleRoutes } from './articles/routes.ts'
import { articleSchemas } from './articles/schema.ts'
import { stageRoutes } from './articles/stages/routes.ts'
import { stageSchemas } from './articles/stages/schema.ts'
import { translationRoutes } from './articles/translations/routes.ts'
import { translationSchemas } from './articles/translations/schema.ts'
import { auditRoutes } from './audit/routes.ts'
import { auditSchemas } from './audit/schema.ts'
import { authorRoutes } from './authors/routes.ts'
import { authorSchemas } from './authors/schema.ts'
import { bodySchemas } from './body/schema.ts'
import { Cache } from './caching/cache.ts'
import type { Config } from './config.ts'
import { contentArticleRoutes } from './content/article-routes.ts'
import { contentAuthorRoutes } from './content/author-routes.ts'
import { contentAuthorSchemas } from './content/author-schema.ts'
import { changesRoutes } from './content/changes-routes.ts'
import { changeSchemas } from './content/changes-schema.ts'
import { feedRoutes } from './content/feed-routes.ts'
import { feedSchemas } from './content/feed-schema.ts'
import { contentListSchemas } from './content/list-schema.ts'
import { contentListingSchemas } from './content/listing-schema.ts'
import { Resolved } from './content/resolve-schema.ts'
import { contentRoutes } from './content/routes.ts'
import { contentSchemas } from './content/schema.ts'
import { searchRoutes } from './content/search-routes.ts'
import { searchSchemas } from './content/search-schema.ts'
import { shareRoutes } from './content/share-routes.ts'
import { shareSchemas } from './content/share-schema.ts'
import { contentTagRoutes } from './content/tag-routes.ts'
import { contentViewRoutes } from './content/view-routes.ts'
import { viewSchemas } from './content/view-schema.ts'
import { followingRoutes } from './counting/following-routes.ts'
import { viewRoutes } from './counting/view-routes.ts'
import type { Database, Reader } from './database/database.ts'
import { feedLag, webhookQueue } from './events/lag.ts'
import { startSequencer } from './events/sequencer.ts'
import { makeAddresses } from './events/webhooks/addresses.ts'
import { deliveryRoutes } from './events/webhooks/delivery-routes.ts'
import { webhookRoutes } from './events/webhooks/routes.ts'
import { webhookSchemas } from './events/webhooks/schema.ts'
import { startSender } from './events/webhooks/sender.ts'
import { sealingKey } from './events/webhooks/signing.ts'
import type { Sending } from './events/webhooks/webhooks.ts'
import { registerAccess, registerMethodNotAllowed } from './http/access.ts'
import { forAnyPage, registerCors } from './http/cors.ts'
import { registerDraining, SpareConnections } from './http/draining.ts'
import { headersAt, registerHeaders, setHeaders } from './http/headers.ts'
import { healthRoutes } from './http/health.ts'
import { registerIdempotency } from './http/idempotency.ts'
import { registerLimits, registerPersonLimit } from './http/limiting.ts'
import { Limit } from './http/limits.ts'
import { describeError, describeRequest, logSecrets, logSlowStatements, RequestLog } from './http/log.ts'
import { registerMetrics } from './http/metrics.ts'
import { registerDocs, registerOpenApi, registerOpenApiRoute } from './http/openapi.ts'
import { registerOverload } from './http/overload.ts'
import { type Follower, makeFollower, makePager, type Pager } from './http/pagination.ts'
import { registerPatience } from './http/patience.ts'
import { pictureSchemas } from './http/picture.ts'
import {
  clientErrors,
  FaultSchema,
  handleError,
  ProblemSchema,
  problemRoutes,
  registerProblems
} from './http/problems.ts'
import { nextRequestId } from './http/request-ids.ts'
import { registerRoute } from './http/route.ts'
import { buildSerializer } from './http/serialization.ts'
import { makeServer, watchChanges } from './http/server.ts'
import { type Check, MAX_BODY_BYTES, makeValidators, registerBodyParsers } from './http/validation.ts'
import { Page } from './http/wire.ts'
import { listRoutes } from './lists/routes.ts'
import { listSchemas } from './lists/schema.ts'
import { apiKeyRoutes } from './people/api-key-routes.ts'
import { apiKeySchemas } from './people/api-key-schema.ts'
import { makeIdentify } from './people/identify.ts'
import { openIssuer } from './people/issuer.ts'
import { openTokenKeys, type TokenKeys } from './people/keys.ts'
import { passwordRoutes } from './people/password-routes.ts'
import { passwordSchemas } from './people/password-schema.ts'
import { peopleRoutes } from './people/routes.ts'
import { peopleSchemas } from './people/schema.ts'
import { sessionRoutes } from './people/session-routes.ts'
import { sessionSchemas } from './people/session-schema.ts'
import { openThrottle, type Throttle } from './people/throttle.ts'
import { previewRoutes } from './previews/routes.ts'
import { previewSchemas } from './previews/schema.ts'
import { publishingRoutes } from './publishing/routes.ts'
import { publishingSchemas } from './publishing/schema.ts'
import { redirectRoutes } from './redirects/routes.ts'
import { redirectSchemas } from './redirects/schema.ts'
import { shareLinkRoutes } from './share-links/routes.ts'
import { shareLinkSchemas } from './share-links/schema.ts'
import { siteRoutes } from './site/routes.ts'
import { siteSchemas } from './site/schema.ts'
import { statsRoutes } from './stats/routes.ts'
import { statsSchemas } from './stats/schema.ts'
import { tagRoutes } from './tags/routes.ts'
import { tagSchemas } from './tags/schema.ts'
import { version } from './version.ts'

declare module 'fastify' {
  interface FastifyInstance {
    db: Database
    /** All the content side has of the database. */
    reader: Reader
    keys: TokenKeys
    throttle: Throttle
    pages: Pager
    follow: Follower
    check: Check
    cache: Cache
    /** Of asking for short codes that are not there. */
    guesses: Limit
    /** Of signing in, right or wrong: what it costs before the throttle is asked. */
    signIns: Limit
    /** Of one-time links. */
    passwordGuesses: Limit
    /** Our own address, without a slash at the end. */
    publicUrl: string
    /** What webhooks are sent with. */
    sending: Sending
  }
}

const components = [
  FaultSchema,
  ProblemSchema,
  Page,
  ...pictureSchemas,
  ...peopleSchemas,
  ...apiKeySchemas,
  ...sessionSchemas,
  ...passwordSchemas,
  ...bodySchemas,
  ...authorSchemas,
  ...tagSchemas,
  ...articleSchemas,
  ...stageSchemas,
  ...translationSchemas,
  ...revisionSchemas,
  ...publishingSchemas,
  ...bulkSchemas,
  ...shareLinkSchemas,
  ...statsSchemas,
  ...listSchemas,
  ...siteSchemas,
  ...shareSchemas,
  ...contentSchemas,
  ...contentListingSchemas,
  ...contentAuthorSchemas,
  ...contentListSchemas,
  ...searchSchemas,
  ...changeSchemas,
  ...viewSchemas,
  Resolved,
  ...feedSchemas,
  ...previewSchemas,
  ...redirectSchemas,
  ...auditSchemas,
  ...webhookSchemas
]

/**
 * The whole service over an open, migrated database. Closing the app does not close the database. The log goes to
 * standard output, unless another place is named.
 */
export async function buildApp(
  config: Config,
  db: Database,
  log?: { write: (line: string) => void }
): Promise<FastifyInstance> {
  const hops = config.trustProxy
  const cache = new Cache(db, config.cacheBytes)
  const everyAnswer = headersAt(config.publicUrl)
  const spare = new SpareConnections()
  const app = Fastify({
    logger: {
      level: config.logLevel,
      redact: logSecrets,
      serializers: { err: describeError, req: describeRequest },
      ...(log && { stream: log })
    },
    logController: new RequestLog(),
    genReqId: nextRequestId,
    trustProxy: typeof hops === 'number' ? (_address, hop) => hop < hops : hops,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: 16_384, ignoreTrailingSlash: false },
    // Faults found before any route: a broken address, an over-long parameter.
    frameworkErrors: (error, request, reply) => {
      setHeaders(reply as FastifyReply, [...everyAnswer(request.id), ...forAnyPage])
      void handleError(error, request as FastifyRequest, reply as FastifyReply)
    },
    clientErrorHandler: clientErrors(everyAnswer),
    // What arrives while it closes is answered like all that came before: see http/draining.ts.
    return503OnClosing: false,
    schemaController: { compilersFactory: { buildSerializer } },
    serverFactory: (handler) =>
      spare.watch(makeServer(cache, everyAnswer, config.limits.reading > 0, handler))
  })
  let stopTelling = async () => {}
  const keys = openTokenKeys(db, config.secret, config.publicUrl)
  const { compiler, check } = makeValidators(components)
  app.decorate('db', db)
  app.decorate('reader', db.reader)
  app.decorate('keys', keys)
  app.decorate('throttle', openThrottle(db, config.secret))
  app.decorate('pages', makePager(config.secret))
  app.decorate('follow', makeFollower(config.secret))
  app.decorate('check', check)
  app.decorate('publicUrl', config.publicUrl)
  app.decorate('cache', cache)
  const sending = { key: sealingKey(config.secret), addresses: makeAddresses(config.webhookAllow) }
  app.decorate('sending', sending)
  app.decorate('guesses', new Limit('codes', 30, 60))
  app.decorate('signIns', new Limit('sign-in', config.limits.editing, 60))
  app.decorate('passwordGuesses', new Limit('passwords', 10, 60))
  app.setValidatorCompiler(compiler)

  watchChanges(app)
  registerRoute(app)
  registerDraining(app, spare)
  registerHeaders(app, everyAnswer)
  const { answerOthers, allowedAt, allowOf } = registerMethodNotAllowed(app)
  registerCors(app, config.corsOrigins, allowOf)
  registerOverload(app, db)
  registerLimits(app, config.limits)
  registerProblems(app, allowedAt)
  registerIdempotency(app, db)
  await registerOpenApi(app, version, components)
  await registerDocs(app, config.publicUrl)
  registerBodyParsers(app)
  const issuer = config.oidc && openIssuer(config.oidc)
  const wrongTokens = new Limit('tokens', config.limits.editing, 60)
  registerAccess(app, makeIdentify(db, keys, issuer), wrongTokens)
  registerPersonLimit(app, config.limits)
  registerPatience(app)
  const { metricsPort, host, slowStatementMs } = config
  // A queue that somebody should watch is one more of these figures.
  if (metricsPort !== null)
    registerMetrics(app, db, { port: metricsPort, host }, [feedLag(db), webhookQueue(db)])
  if (slowStatementMs > 0) logSlowStatements(app, db, slowStatementMs)

  registerOpenApiRoute(app)
  await app.register(problemRoutes)
  await app.register(healthRoutes)
  await app.register(peopleRoutes)
  await app.register(apiKeyRoutes)
  await app.register(sessionRoutes)
  await app.register(passwordRoutes)
  await app.register(tagRoutes)
  await app.register(authorRoutes)
  await app.register(articleRoutes)
  await app.register(stageRoutes)
  await app.register(translationRoutes)
  await app.register(revisionRoutes)
  await app.register(publishingRoutes)
  await app.register(bulkRoutes)
  await app.register(shareLinkRoutes)
  await app.register(statsRoutes)
  await app.register(listRoutes)
  await app.register(previewRoutes)
  await app.register(redirectRoutes)
  await app.register(webhookRoutes)
  await app.register(deliveryRoutes)
  await app.register(siteRoutes)
  await app.register(auditRoutes)
  await app.register(contentArticleRoutes)
  await app.register(shareRoutes)
  await app.register(contentTagRoutes)
  await app.register(contentAuthorRoutes)
  await app.register(contentRoutes)
  await app.register(feedRoutes)
  await app.register(searchRoutes)
  await app.register(changesRoutes)
  await app.register(contentViewRoutes)
  await app.register(followingRoutes)
  await app.register(viewRoutes)
  // A process that serves takes its turn at giving events their places, and its part in sending them.
  app.addHook('onListen', () => {
    const sequencer = startSequencer(db, (err) => app.log.error({ err }, 'events get no places right now'))
    const sender = startSender(db, sending, (err) => app.log.error({ err }, 'events are not sent right now'))
    stopTelling = async () => void (await Promise.all([sequencer.stop(), sender.stop()]))
  })
  app.addHook('onClose', () => stopTelling())
  answerOthers()
  return app
}
