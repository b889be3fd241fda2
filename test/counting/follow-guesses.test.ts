/** Guessing codes: throttled, and nothing is learned about which exist. */
import t from 'tap'
import { draft, newsroom, unique } from '../helper.ts'
import { desk, Y2089 } from '../publishing/desk.ts'
import { linksOf } from './links.ts'

const room = await newsroom(t, { trustProxy: 1 })
const { publish, unpublish } = desk(room)
const { made, follow, head, from, story } = linksOf(room)
type Answer = Awaited<ReturnType<typeof follow>>

/** All that one can see of an answer, but for what differs from request to request. */
const seen = ({ status, body, headers }: Answer) => ({
  status,
  body: { ...body, requestId: '', detail: String(body.detail).replace(/\d+ s/, '… s') },
  headers: [...headers]
    .filter(([name]) => !['date', 'x-request-id'].includes(name))
    .map(([name, value]) => [name, value.replace(/t=\d+/, 't=…')] as const)
    .map(([name, value]) =>
      name === 'retry-after' || name === 'content-length' ? [name, '…'] : [name, value]
    )
})

/** Codes that exist and lead nowhere yet, or any more. */
async function hidden() {
  const planned = await draft(room)
  await publish(planned, { liveFrom: Y2089 })
  const ended = await draft(room)
  await publish(ended)
  await unpublish(ended, { expect: 200 })
  const trashed = await draft(room)
  const links = [
    await made(await draft(room)),
    await made(planned),
    await made(ended),
    await made(trashed),
    await made(await story(), { valid_from: '2090-01-01T00:00:00Z' }),
    await made(await draft(room), { expires_at: '2020-01-01T00:00:00Z' }),
    await made(await draft(room), { max_clicks: 1, expired_url: 'https://news.example/' })
  ]
  await room.api(`DELETE /v1/articles/${trashed.id}`, { as: 'editor', ifMatch: 1, expect: 204 })
  return links
}

t.test('five thousand guesses from one address', async (t) => {
  const links = await hidden()
  const living = await made(await story())
  const archived = await made(await story(), { archived_at: '2020-01-01T00:00:00Z' })
  const guess = from('192.0.2.50')
  const nothing = () => ({ code: unique('guess') })

  // Two strangers: one asks for codes that are not there, one for codes that exist and may not show.
  const [first, second] = [from('192.0.2.51'), from('192.0.2.52')]
  for (let number = 0; number < 40; number++) {
    const hit = links[number % links.length] as { code: string }
    const [unknown, known] = [await follow(nothing(), first), await follow(hit, second)]
    t.same(seen(known), seen(unknown), `guess ${number + 1}`)
    t.equal(unknown.status, number < 30 ? 404 : 429)
  }

  const tally: Record<number, number> = {}
  const differing = new Set<string>()
  const about = JSON.stringify(seen(await follow(nothing(), first)))
  const codes = Array.from({ length: 5_000 }, (_, index) =>
    index % 10 === 9 ? links[index % links.length] : nothing()
  )
  const began = Date.now()
  const waiting = codes.values()
  const work = async () => {
    for (const code of waiting) {
      const answer = await follow(code as { code: string }, guess)
      tally[answer.status] = (tally[answer.status] ?? 0) + 1
      if (answer.status !== 404) differing.add(JSON.stringify(seen(answer)))
    }
  }
  await Promise.all(Array.from({ length: 16 }, work))
  // Thirty a minute, for each minute that was begun.
  const minutes = Math.floor((Date.now() - began) / 60_000) + 1
  t.same(Object.keys(tally), ['404', '429'])
  t.ok(
    (tally[404] ?? 0) >= 30 && (tally[404] ?? 0) <= 30 * minutes,
    `${tally[404]} were answered as not found`
  )
  t.same([...differing], [about], 'all refusals are one')

  await t.test('links that work are followed as before', async (t) => {
    for (let number = 0; number < 40; number++) t.equal((await follow(living, guess)).status, 302)
    t.equal((await head(living, guess)).status, 302)
  })
  await t.test('what was taken away is not told to who guessed too much', async (t) => {
    t.same(seen(await follow(archived, guess)), JSON.parse(about))
    t.equal((await follow(archived, from('192.0.2.53'))).status, 410)
  })
})

t.test('a refusal says how long to wait', async (t) => {
  const guess = from('192.0.2.60')
  for (let number = 1; number <= 30; number++) {
    const { headers } = await follow({ code: 'nothing' }, { ...guess, expect: 404 })
    t.match(headers.get('ratelimit'), new RegExp(`^"codes";r=${30 - number};t=([1-9]|[1-5]\\d|60)$`))
    t.equal(headers.get('ratelimit-policy'), '"codes";q=30;w=60')
  }
  const { headers, body } = await follow({ code: 'nothing' }, { ...guess, expect: 429 })
  t.equal(body.code, 'too_many_requests')
  t.match(headers.get('retry-after'), /^([1-9]|[1-5]\d|60)$/)
  t.match(headers.get('ratelimit'), /^"codes";r=0;t=\d+$/)
  t.equal(headers.get('cache-control'), 'no-store')
  t.equal((await head({ code: 'nothing' }, guess)).status, 429, 'HEAD is a guess too')
})

t.test('whose guesses are counted together', async (t) => {
  const guess = async (address: string) => (await follow({ code: 'nothing' }, from(address))).status
  for (let number = 0; number < 30; number++)
    t.equal(await guess(`2001:db8:5:6::${number.toString(16)}`), 404)
  t.equal(await guess('2001:db8:5:6:ffff::1'), 429)
  t.equal(await guess('2001:db8:5:7::1'), 404)
})
