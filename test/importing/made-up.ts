/** Exports of sites that never were, of any size. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

const WORDS = 'harbour ferry winter council bridge lantern orchard railway market island storm library'.split(
  ' '
)
const sentence = (seed: number) =>
  `${Array.from({ length: 14 }, (_, index) => WORDS[(seed * 7 + index * 5) % WORDS.length]).join(' ')}.`
const paragraphs = (seed: number) =>
  Array.from(
    { length: 8 },
    (_, index) =>
      `<strong>${sentence(seed + index)}</strong> ${sentence(seed * 3 + index)} <a href="/more/${index}">${sentence(index)}</a>`
  )

const minute = (seed: number) => new Date(Date.UTC(2015, 0, 1) + seed * 3_600_000)
const stamp = (moment: Date) => moment.toISOString().slice(0, 19).replace('T', ' ')

async function written(path: string, parts: Iterable<string>) {
  const file = createWriteStream(path)
  for (const part of parts) if (!file.write(part)) await once(file, 'drain')
  await finished(file.end())
}

export const wxrHead = (more = '') => `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>The Lantern</title><link>https://old.example/news</link><language>en-US</language>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://old.example</wp:base_site_url><wp:base_blog_url>https://old.example/news</wp:base_blog_url>
${more}`
export const wxrTail = '</channel></rss>\n'

const cdata = (text: string) => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`

/** An item of WordPress; what is not given is as an ordinary live post has it. */
export function wxrItem(fields: Record<string, string>, more = '') {
  const all: Record<string, string> = {
    title: 'A post',
    link: `https://old.example/news/2019/05/${fields['wp:post_name'] ?? 'a-post'}/`,
    'dc:creator': 'maya',
    guid: `https://old.example/news/?p=${fields['wp:post_id']}`,
    'content:encoded': '',
    'excerpt:encoded': '',
    'wp:post_date': '2019-05-03 10:15:00',
    'wp:post_date_gmt': '2019-05-03 08:15:00',
    'wp:status': 'publish',
    'wp:post_type': 'post',
    ...fields
  }
  return `<item>${Object.entries(all)
    .map(([name, text]) => `<${name}>${cdata(text)}</${name}>`)
    .join('')}${more}</item>\n`
}

export const wxrMeta = (key: string, value: string) =>
  `<wp:postmeta><wp:meta_key>${key}</wp:meta_key><wp:meta_value>${cdata(value)}</wp:meta_value></wp:postmeta>`

/** A site with this many posts: authors, terms and pictures stand behind them, as they may. */
export const writeWxr = (path: string, posts: number) =>
  written(
    path,
    (function* () {
      yield wxrHead()
      for (let id = 1; id <= posts; id++) {
        yield wxrItem(
          {
            title: `Story ${id}: ${sentence(id)}`,
            'wp:post_id': String(id),
            'wp:post_name': `story-${id}`,
            'content:encoded': paragraphs(id).join('\n\n'),
            'excerpt:encoded': sentence(id + 3),
            'wp:post_date_gmt': stamp(minute(id)),
            'wp:post_modified_gmt': stamp(minute(id % 5 === 0 ? id + 30 : id))
          },
          `<category domain="category" nicename="section-${id % 9}">${cdata(`Section ${id % 9}`)}</category><category domain="post_tag" nicename="tag-${id % 40}">${cdata(`Tag ${id % 40}`)}</category>${wxrMeta('_thumbnail_id', String(1_000_000 + (id % 500)))}`
        )
      }
      for (let id = 0; id < 500; id++)
        yield wxrItem({
          title: 'picture',
          'wp:post_id': String(1_000_000 + id),
          'wp:post_type': 'attachment',
          'wp:status': 'inherit',
          'wp:attachment_url': `https://old.example/files/${id}.jpg`
        })
      yield '<wp:author><wp:author_login>maya</wp:author_login><wp:author_email>maya@old.example</wp:author_email><wp:author_display_name>Maya Holt</wp:author_display_name></wp:author>'
      yield wxrTail
    })()
  )

/** The same of Ghost; what belongs to the posts stands behind them. */
export const writeGhost = (path: string, posts: number) =>
  written(
    path,
    (function* () {
      yield '{"db":[{"meta":{"exported_on":1,"version":"5.0.0"},"data":{"posts":['
      for (let id = 1; id <= posts; id++) {
        const html = paragraphs(id)
          .map((text) => `<p>${text}</p>`)
          .join('')
        const at = minute(id).toISOString()
        const row = {
          id: `p${id}`,
          title: `Story ${id}`,
          slug: `story-${id}`,
          html,
          type: 'post',
          status: 'published',
          visibility: 'public',
          published_at: at,
          updated_at: at,
          feature_image: '__GHOST_URL__/content/images/a.jpg'
        }
        yield `${id > 1 ? ',\n' : ''}${JSON.stringify(row)}`
      }
      yield '],"posts_authors":['
      for (let id = 1; id <= posts; id++)
        yield `${id > 1 ? ',' : ''}${JSON.stringify({ id: `a${id}`, post_id: `p${id}`, author_id: 'u1', sort_order: 0 })}`
      yield '],"posts_tags":['
      for (let id = 1; id <= posts; id++)
        yield `${id > 1 ? ',' : ''}${JSON.stringify({ id: `t${id}`, post_id: `p${id}`, tag_id: `t${id % 9}`, sort_order: 0 })}`
      yield '],"posts_meta":['
      for (let id = 1; id <= posts; id++)
        yield `${id > 1 ? ',' : ''}${JSON.stringify({ id: `m${id}`, post_id: `p${id}`, meta_title: sentence(id), meta_description: sentence(id + 1) })}`
      yield '],"tags":['
      for (let id = 0; id < 9; id++)
        yield `${id > 0 ? ',' : ''}${JSON.stringify({ id: `t${id}`, name: `Tag ${id}`, slug: `tag-${id}`, visibility: 'public' })}`
      yield '],"users":[{"id":"u1","name":"Maya Holt","slug":"maya","email":"maya@old.example"}],"settings":[{"key":"title","value":"The Lantern"}]}}]}'
    })()
  )
