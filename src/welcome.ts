/** What a start prints for the person who typed the command. */
import type { Config } from './config.ts'
import { live, NOW } from './content/live.ts'
import type { Ready } from './start.ts'

export async function welcome(config: Config, { db, oneTimeAdmin, seeded }: Ready): Promise<string> {
  const base = config.publicUrl
  const [story] = await db.query<{ slug: string; locale: string }>(newest, [])
  const article = story
    ? `${base}/v1/content/articles/${story.slug}?locale=${story.locale}`
    : `${base}/v1/content/articles`
  const lines = [
    '',
    `Dateline listens on ${base}${db.embedded ? ' (embedded database)' : ''}`,
    ...(seeded ? ['A demo newsroom in English and Russian was made.'] : []),
    '',
    `  API docs   ${base}/docs`,
    `  An article ${article}`,
    ...(oneTimeAdmin
      ? [
          `  Sign in as ${oneTimeAdmin.email}`,
          `  Password   ${oneTimeAdmin.password}   (a new one at each start, until you have signed in)`
        ]
      : []),
    '',
    'Try:',
    `  curl -s '${base}/v1/content/articles?limit=3'`,
    ...(oneTimeAdmin
      ? [
          `  TOKEN=$(curl -s ${base}/v1/sessions -H 'content-type: application/json' -d '${JSON.stringify(oneTimeAdmin)}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')`,
          `  curl -s ${base}/v1/articles -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"locale":"en","headline":"My first story"}'`
        ]
      : [`  curl -s '${article}'`, `  curl -s '${base}/v1/content/site'`]),
    '',
    ''
  ]
  return lines.join('\n')
}

const newest = {
  text: `
    SELECT slug, locale FROM publications p WHERE ${live('p', NOW)}
    ORDER BY (locale = (SELECT locale FROM public_sites WHERE is_default)) DESC, published_at DESC LIMIT 1`
}
