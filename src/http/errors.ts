/**
 * Every way Dateline refuses, once. The answers, the enum in the OpenAPI document and the pages under
 * /problems are all made from this table. Codes are a promise to clients: never rename one.
 */
export const problemTable = {
  invalid_request: [
    400,
    'The request is not valid',
    'A part of the request (body, query, path or header) does not have the shape the OpenAPI document asks for. `errors` points at the first fault found.'
  ],
  malformed_request: [
    400,
    'This is not HTTP',
    'The request could not be read. Check what stands between you and us.'
  ],
  incomplete_body: [
    400,
    'The body is incomplete',
    'The connection was closed before the whole body had arrived.'
  ],
  malformed_json: [400, 'The body is not JSON', 'The body could not be read as JSON in UTF-8.'],
  unexpected_body: [400, 'This request takes no body', 'Send the request again without a body.'],
  invalid_cursor: [
    400,
    'The cursor is not valid',
    'Cursors are opaque: pass on the one you were given, with the same filters and sort, or start again without one.'
  ],
  unauthenticated: [
    401,
    'Sign in first',
    'The request has neither an access token nor an API key, or one that is expired, ended or not ours. Sign in with POST /v1/sessions or refresh with POST /v1/sessions/refresh.'
  ],
  invalid_credentials: [
    401,
    'E-mail or password is wrong',
    'No enabled account has this e-mail address and password.'
  ],
  not_admitted: [
    401,
    'The token is genuine, but lets nobody in',
    'The issuer of the token is known here and signed it. But nobody here has the verified e-mail address in it, or nothing in it is mapped to a role. Ask an admin.'
  ],
  invalid_refresh_token: [
    401,
    'The refresh token is not valid',
    'The refresh token is unknown, expired or ended. A token used twice ends its whole session: sign in again.'
  ],
  forbidden: [
    403,
    'You may not do this',
    'Your role, or your relation to this thing, does not allow the action.'
  ],
  insufficient_scope: [
    403,
    'The API key is not good for this',
    'None of the scopes of the key names the action. Each operation says which scope it takes; make another key with POST /v1/api-keys.'
  ],
  session_required: [
    403,
    'This takes a person who signed in',
    'API keys manage neither keys nor sessions nor passwords. Sign in with POST /v1/sessions.'
  ],
  wrong_password: [
    403,
    'The current password is wrong',
    'Changing a password takes the one you have. Who has none, or has forgotten it, asks an admin for a one-time link.'
  ],
  not_found: [404, 'Not found', 'There is nothing here, or nothing you may know of.'],
  method_not_allowed: [
    405,
    'This address does not take that method',
    'The Allow header lists the methods it takes.'
  ],
  request_timeout: [
    408,
    'The request took too long to arrive',
    'Send the request again over a better connection.'
  ],
  slug_taken: [
    409,
    'The slug is taken',
    'Another thing has this slug. Choose another one, or leave it out to have one made.'
  ],
  code_taken: [
    409,
    'The code is taken',
    'A share link has, or once had, this code. Codes are never given twice: choose another.'
  ],
  email_taken: [409, 'The e-mail address is taken', 'Another person has this e-mail address.'],
  idempotency_key_in_use: [
    409,
    'The same request is under way',
    'A request with this Idempotency-Key has not been answered yet. Wait as many seconds as Retry-After says and send it again: you get its answer.'
  ],
  user_taken: [
    409,
    'The user already has an author',
    'An author belongs to one user at most, and a user to one author.'
  ],
  share_link_exists: [
    409,
    'A share link like this exists with other values',
    'There is already a link for this article, channel and campaign (`existingId`), and its other values differ from yours. Change that link, or choose another campaign.'
  ],
  link_archived: [409, 'The link is archived', 'An archived link is not changed any more: make a new one.'],
  translation_exists: [
    409,
    'The story is already told in this language',
    'A story has at most one article per locale outside the trash.'
  ],
  article_trashed: [
    409,
    'The article is in the trash',
    'Restore it first with POST /v1/articles/{id}/restore.'
  ],
  article_not_trashed: [
    409,
    'The article is not in the trash',
    'Only what is in the trash can be restored or purged.'
  ],
  article_on_timeline: [
    409,
    'The article is live or scheduled',
    'Take it down first with POST /v1/articles/{id}/unpublish.'
  ],
  article_withdrawn: [
    409,
    'The article is withdrawn',
    'Nothing of it is published or previewed until it is reinstated with POST /v1/articles/{id}/reinstate.'
  ],
  article_not_withdrawn: [409, 'The article is not withdrawn', 'There is nothing to reinstate.'],
  publication_begun: [
    409,
    'The publication has begun',
    'Of what is live only `liveUntil` may change, and what has ended stays as it was. Take a live article down with POST /v1/articles/{id}/unpublish.'
  ],
  not_on_timeline: [409, 'The article is neither live nor scheduled', 'There is nothing to take down.'],
  slug_promised: [
    409,
    'The slug is in use at that time',
    'Another article is live, or will be, under this slug in this language during the time asked for.'
  ],
  timeline_conflict: [
    409,
    'The timeline does not allow this',
    'The times asked for do not fit what is already on the timeline of this article.'
  ],
  tag_in_use: [
    409,
    'The tag is in use',
    'Articles or tags below it use this tag. Take it from them first, or delete with `force=true`.'
  ],
  author_in_use: [
    409,
    'The author is in use',
    'Articles are signed by this author. Take the author from them first.'
  ],
  tag_cycle: [
    409,
    'A tag cannot be above itself',
    'The parent asked for is the tag itself or one of the tags below it.'
  ],
  unknown_reference: [
    409,
    'Something named in the request is gone',
    'A tag, author, user or article named in the request was removed while it was handled.'
  ],
  too_many_api_keys: [
    409,
    'There are too many API keys',
    'A person has at most 100 keys that are neither revoked nor expired. Revoke one that is not used any more.'
  ],
  too_many_webhooks: [409, 'There are too many webhooks', 'Delete one that is not needed any more.'],
  webhook_disabled: [
    409,
    'The webhook is disabled',
    'It is sent nothing until it is enabled again: PATCH /v1/webhooks/{id} with `{"enabled": true}`.'
  ],
  path_taken: [409, 'The path is taken', 'Another redirect leads from this path. Change that one.'],
  user_disabled: [409, 'The person is disabled', 'Enable them first.'],
  last_admin: [
    409,
    'There must be an admin',
    'This is the last enabled admin: make somebody else an admin first.'
  ],
  default_site: [409, 'There must be a default site', 'Make another site the default one first.'],
  gone: [410, 'Gone', 'It was here and has been taken away on purpose.'],
  cursor_expired: [
    410,
    'The cursor is too old',
    'Changes are kept for 30 days. Begin again without a cursor: what you are told then ends with exactly what is live.'
  ],
  stale_version: [
    412,
    'The thing has changed since you read it',
    'If-Match names a version that is not the current one (`currentVersion`). Read it again, look at what changed, and repeat with its ETag.'
  ],
  body_too_large: [
    413,
    'The body is too large',
    'A request body may have at most 1 MiB (1,048,576 bytes), that of a view beacon 64 KiB.'
  ],
  uri_too_long: [414, 'The address is too long', 'A part of the address is longer than any we have.'],
  unsupported_media_type: [
    415,
    'This media type is not taken',
    'Send application/json in UTF-8, not compressed. PATCH also takes application/merge-patch+json.'
  ],
  idempotency_key_reused: [
    422,
    'The Idempotency-Key was used for something else',
    'Within 24 hours a key belongs to one request: another body or query takes another key.'
  ],
  precondition_required: [
    428,
    'If-Match is required',
    'Send If-Match with the ETag of the version you read, so that nobody overwrites what a colleague wrote in between. `*` is not taken.'
  ],
  too_many_requests: [
    429,
    'Too many requests',
    'Your address asked for too much of this in a short time. Wait as many seconds as Retry-After says.'
  ],
  headers_too_large: [
    431,
    'The headers are too large',
    'All request headers together may have at most 16 KiB.'
  ],
  internal_error: [
    500,
    'Something broke on our side',
    'Tell us the request id. Nothing was changed, unless the detail says otherwise.'
  ],
  unavailable: [
    503,
    'Not available right now',
    'The database, or the issuer of the token, did not answer in time. Wait as many seconds as Retry-After says and send the request again.'
  ],
  overloaded: [
    503,
    'Too much to do',
    'More was asked for than can be answered in time, so this was not begun. Wait as many seconds as Retry-After says and send the request again.'
  ],
  too_many_streams: [
    503,
    'Too many read the stream',
    'This instance serves as many streams as it can. Wait as many seconds as Retry-After says, or ask for the changes page by page.'
  ]
} as const satisfies Record<string, readonly [status: number, title: string, help: string]>

export type ProblemCode = keyof typeof problemTable

/** One fault in the input. `pointer` is a JSON pointer (RFC 6901) into the body, or `/query/…`, `/path/…`, `/header/…`. */
export type Fault = { pointer: string; code: string; message: string }

/** A refusal. Thrown anywhere, turned into an answer in one place (`problems.ts`). */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly errors: Fault[] | undefined
  /** Members beside the standard ones, such as `currentVersion`. */
  readonly members: Record<string, unknown>
  readonly headers: Record<string, string>

  constructor(
    code: ProblemCode,
    detail: string,
    more: { errors?: Fault[]; members?: Record<string, unknown>; headers?: Record<string, string> } = {}
  ) {
    super(detail)
    this.name = 'Problem'
    this.code = code
    this.status = problemTable[code][0]
    this.errors = more.errors
    this.members = more.members ?? {}
    this.headers = more.headers ?? {}
  }
}

/** 400: one fault in the input, at a JSON pointer. `code` is the rule that was broken, in snake_case. */
export const Invalid = (pointer: string, message: string, code = 'invalid') =>
  new Problem('invalid_request', message, { errors: [{ pointer, code, message }] })

export const NotFound = (what: string) => new Problem('not_found', `There is no such ${what}.`)
export const Forbidden = (detail: string) => new Problem('forbidden', detail)
export const Conflict = (code: ProblemCode, detail: string, members?: Record<string, unknown>) =>
  new Problem(code, detail, members ? { members } : {})
export const Gone = (what: string) => new Problem('gone', `This ${what} was here and has been taken away.`)

/** 412: the version sent is not the current one. */
export const Stale = (currentVersion: number) =>
  new Problem('stale_version', `The current version is ${currentVersion}.`, { members: { currentVersion } })
