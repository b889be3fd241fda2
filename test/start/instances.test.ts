/**
 * A scheduled moment seen by 200 readers a second, on two instances of one server, one of which has a clock that is an
 * hour wrong. What readers see hangs on the database's clock alone, and on no process being there at that moment.
 */
import t from 'tap'
import { freshDatabase } from '../helper.ts'
import { freePort, type Running, settingsFor, start } from './process.ts'

const server = process.env.TEST_DATABASE_URL
const PASSWORD = 'seven small boats at dusk'
const READERS_PER_SECOND = 200

/** Makes every clock of a Node process wrong by so many milliseconds. */
const wrongClock = (shift: number) =>
  `--import=data:text/javascript,${encodeURIComponent(
    `const Right = Date; globalThis.Date = class extends Right { constructor(...given) { if (given.length === 0) super(Right.now() + ${shift}); else super(...given) } static now() { return Right.now() + ${shift} } }`
  )}`

type Seen = { began: number; ended: number; status: number }

/** Reads an address 200 times a second until `until`, in turn from each instance. */
async function readAcross(addresses: string[], until: number): Promise<Seen[][]> {
  const seen: Seen[][] = addresses.map(() => [])
  const under: Promise<void>[] = []
  for (let count = 0, began = performance.timeOrigin + performance.now(); Date.now() < until; count++) {
    const due = began + (count * 1000) / READERS_PER_SECOND
    const wait = due - (performance.timeOrigin + performance.now())
    if (wait > 0) await new Promise((done) => setTimeout(done, wait))
    const instance = count % addresses.length
    const started = Date.now()
    under.push(
      fetch(addresses[instance] as string).then(async (response) => {
        await response.arrayBuffer()
        seen[instance]?.push({ began: started, ended: Date.now(), status: response.status })
      })
    )
  }
  await Promise.all(under)
  return seen
}

t.test(
  'across a scheduled second',
  { skip: server ? false : 'needs a server: TEST_DATABASE_URL' },
  async (t) => {
    const { settings, drop } = await freshDatabase()
    t.teardown(drop)
    if (settings.kind !== 'server') return t.fail('a server was asked for')
    const common = settingsFor(settings, {
      PUBLIC_URL: 'http://dateline.test',
      ADMIN_EMAIL: 'admin@example.org',
      ADMIN_PASSWORD: PASSWORD
    })
    const begin = async (more: Record<string, string> = {}) => {
      const running = await start({ ...common, PORT: String(await freePort()), ...more })
      t.teardown(() => running.stop('SIGKILL'))
      return running
    }
    const maker = await begin()
    const readers: Running[] = [
      await begin({ NODE_OPTIONS: wrongClock(3_600_000) }),
      await begin({ NODE_OPTIONS: wrongClock(-3_600_000) })
    ]

    const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
      const response = await fetch(maker.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body)
      })
      t.equal(response.status, 201, path)
      // biome-ignore lint/suspicious/noExplicitAny: whatever shape the test expects
      return (await response.json()) as any
    }
    const { accessToken } = await post('/v1/sessions', { email: 'admin@example.org', password: PASSWORD })
    const authorization = `Bearer ${accessToken}`
    const article = await post(
      '/v1/articles',
      { locale: 'en', headline: 'Embargoed', body: { markdown: 'Not yet.' } },
      { authorization }
    )
    // Long enough ahead for the maker to be gone and the readers to be there.
    const moment = Date.now() + 4000
    await post(
      `/v1/articles/${article.id}/publications`,
      { liveFrom: new Date(moment).toISOString(), liveUntil: new Date(moment + 3000).toISOString() },
      { authorization, 'if-match': '"1"' }
    )
    await maker.stop('SIGKILL')

    const addresses = readers.map(({ url }) => `${url}/v1/content/articles/${article.slug}?locale=en`)
    const seen = await readAcross(addresses, moment + 4500)
    for (const [index, answers] of seen.entries()) {
      const which = `the instance whose clock is ${index === 0 ? 'fast' : 'slow'}`
      t.ok(answers.length > 500, `${which}: ${answers.length} answers`)
      t.same(
        answers.filter(({ status }) => status !== 200 && status !== 404),
        [],
        `${which}: nothing but 200 and 404`
      )
      const early = answers.filter(({ ended, status }) => status === 200 && ended < moment)
      t.same(early, [], `${which}: nobody before`)
      const late = answers.filter(
        ({ began, ended, status }) => status !== 200 && began > moment + 1000 && ended < moment + 3000
      )
      t.same(late, [], `${which}: everybody a second after`)
      const after = answers.filter(({ began, status }) => status === 200 && began > moment + 4000)
      t.same(after, [], `${which}: nobody a second after its end`)
      t.ok(
        answers.some(({ status }) => status === 200),
        `${which}: seen at all`
      )
    }
  }
)
