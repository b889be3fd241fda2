/** The getting-started of the docs page, pasted into a shell as a newcomer does. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { freePort, shell, start } from './process.ts'

const folder = mkdtempSync(join(tmpdir(), 'dateline-docs-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

t.test('every block of the getting-started works as pasted', async (t) => {
  const dateline = await start({ DATELINE_DATA: folder, PORT: String(await freePort()) })
  t.teardown(() => dateline.stop())
  const password = /Password +(\S+)/.exec(dateline.printed())?.[1] as string
  const page = await (await fetch(`${dateline.url}/docs/json`)).json()
  const { description } = (page as { info: { description: string } }).info
  const blocks = [...description.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block as string)
  t.equal(blocks.length, 5)
  t.ok(blocks[0]?.startsWith(`BASE=${dateline.url}\n`), 'the page shows its own address')

  const between = '\n--- next block ---\n'
  const script = blocks.join(`printf '${between.replaceAll('\n', '\\n')}'\n`)
  const filledIn = script.replace('the password that the start printed', password)
  t.not(filledIn, script)
  const said = (await shell(filledIn)).split(between)
  const [article, lists, bar, me, story] = said as [string, string, string, string, string]

  const read = JSON.parse(article)
  t.match(read, { locale: 'en', slug: /^a-lisbon-festival/, body: { html: /<p>/ } })
  const [english, russian] = lists.split(/(?<=\})(?=\{"data")/).map((text) => JSON.parse(text).data)
  t.equal(english.length, 3)
  t.match(english, [{ locale: 'en' }, { locale: 'en' }, { locale: 'en' }])
  t.ok(russian.length > 0)
  for (const { locale } of russian) t.equal(locale, 'ru')
  t.match(JSON.parse(bar), {
    prompt: /\S/,
    copy: { url: `${dateline.url}/s/` },
    networks: [{ url: /^https/ }]
  })
  t.match(JSON.parse(me), { email: 'admin@dateline.local', role: 'admin' })
  t.match(JSON.parse(story), { slug: 'my-first-story', body: { html: '<p>It is <strong>out</strong>.</p>' } })

  const committed = await (await fetch(`${dateline.url}/openapi.json`)).json()
  t.equal(
    (committed as typeof page as { info: { description: string } }).info.description,
    description.replace(dateline.url, 'http://localhost:3000'),
    'the document is the same everywhere'
  )
})
