/** Every table of the database: which records hold it, or why an export does not. A test knows when one is missing. */

/** By table the type of the records that hold it. */
export const exported: Record<string, string> = {
  users: 'person',
  sites: 'site',
  tags: 'tag',
  tag_merges: 'tag_merge',
  authors: 'author',
  articles: 'article',
  article_tags: 'article',
  article_authors: 'article',
  revisions: 'revision',
  stage_moves: 'stage_move',
  publications: 'publication',
  publication_tags: 'publication',
  publication_authors: 'publication',
  share_links: 'share_link',
  share_codes: 'former_code',
  share_link_clicks: 'clicks',
  share_link_totals: 'click_total',
  lists: 'list',
  list_items: 'list',
  redirects: 'redirect',
  article_views: 'views',
  article_view_totals: 'view_total'
}

const SECRET = 'holds secrets, or hashes of them'
const MADE = 'is made by triggers of what is exported'
const OURS = 'tells what happened in this installation, and is true of no other'

export const notExported: Record<string, string> = {
  sessions: SECRET,
  refresh_tokens: SECRET,
  api_keys: SECRET,
  password_links: SECRET,
  identities: 'who somebody is at an issuer that this installation trusts; made again when they sign in',
  sign_in_failures: SECRET,
  sign_in_networks: SECRET,
  signing_keys: SECRET,
  idempotency_keys: SECRET,
  preview_links: SECRET,
  webhooks: SECRET,
  webhook_deliveries: OURS,
  visitor_days: SECRET,
  visits: SECRET,
  settings: OURS,
  tag_slugs: MADE,
  publication_search: MADE,
  search_names: MADE,
  search_words: MADE,
  events: OURS,
  changes: OURS,
  announced: OURS,
  feed: OURS,
  imported: 'remembers what an import into this installation has made already',
  audit: OURS,
  audit_head: OURS,
  _prisma_migrations: OURS
}
