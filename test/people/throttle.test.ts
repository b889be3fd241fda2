/** How often a password may be guessed. Addresses are told by a proxy that is trusted. */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { buildApp } from '../../src/app.ts'
import { MOST_PER_ACCOUNT, MOST_PER_ADDRESS } from '../../src/people/throttle.ts'
import { newsroom, PASSWORD, unique } from '../helper.ts'
import { person } from './person.ts'

const room = await newsroom(t, { trustProxy: 1 })
const { api, db, app, config } = room

let places = 0
/** An address nobody used before. */
const place = () => {
  const number = ++places
  return `100.64.${number >> 8}.${number & 255}`
}
const guess = (email: string, from: string, password = 'not it, and long enough') =>
  api('POST /v1/sessions', { body: { email, password }, headers: { 'x-forwarded-for': from } })
const statuses = async (tries: Promise<{ status: number }>[]) =>
  (await Promise.all(tries)).map(({ status }) => status).sort()
const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))
const bound = (tries: number, most: number) => [...many(most, () => 401), ...many(tries - most, () => 429)]
/** As if a quarter of an hour had passed. */
const later = () =>
  db.query({ text: `UPDATE sign_in_failures SET until = clock_timestamp() - interval '1 second'` }, [])

t.test('guesses at the same moment are no more than guesses one after another', async (t) => {
  const { email } = await person(room)
  const nobody = `${unique('nobody')}@example.org`
  for (const [who, account] of [
    ['an account', email],
    ['no account', nobody]
  ] as const) {
    t.same(
      await statuses(many(40, () => guess(account, place()))),
      bound(40, MOST_PER_ACCOUNT),
      `${who}: from forty addresses, ${MOST_PER_ACCOUNT} are looked at`
    )
    t.equal((await guess(account, place(), PASSWORD)).status, 429, 'and then not even the right one')
  }
  const refused = await db.query<{ count: number }>(
    { text: `SELECT count(*)::int AS count FROM audit WHERE action = 'session.refused'` },
    []
  )
  t.equal(refused[0]?.count, 2 * MOST_PER_ACCOUNT, 'as many were checked as were answered')
})

t.test('it holds over instances', async (t) => {
  const other = await buildApp(config, app.db)
  const url = await other.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => other.close())
  const { email } = await person(room)
  const elsewhere = (from: string) =>
    fetch(`${url}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      body: JSON.stringify({ email, password: 'not it, and long enough' })
    })
  const tries = many(30, (index) => (index % 2 ? guess(email, place()) : elsewhere(place())))
  t.same(await statuses(tries), bound(30, MOST_PER_ACCOUNT))
})

t.test('what does not make more of them', async (t) => {
  const spellings: [string, (email: string, index: number) => string][] = [
    ['capitals', (email, index) => (index % 2 ? email.toUpperCase() : email)],
    ['wide letters', (email, index) => (index % 2 ? email.replace('p', 'ｐ') : email)]
  ]
  for (const [name, spell] of spellings)
    t.test(name, async (t) => {
      const { email } = await person(room)
      const tries: number[] = []
      for (let index = 0; index < 20; index++) tries.push((await guess(spell(email, index), place())).status)
      // What is no address to the schema is refused without being counted, and reaches no account.
      t.equal(tries.filter((status) => status === 401).length <= MOST_PER_ACCOUNT, true, tries.join(' '))
      t.equal((await guess(email, place())).status === 429 || tries.includes(400), true)
    })
  t.test('other paths and members', async (t) => {
    const { email } = await person(room)
    for (const target of ['/v1/sessions/', '/v1//sessions', '/v1/sessions?again=1', '/V1/sessions']) {
      const { status } = await api(`POST ${target}`, { body: { email, password: PASSWORD } })
      t.ok([400, 404, 405].includes(status), `${target}: ${status}`)
    }
    const more = { email, password: PASSWORD, address: '192.0.2.1' }
    t.equal((await api('POST /v1/sessions', { body: more })).status, 400)
  })
  t.test('dots are another account', async (t) => {
    const name = unique('a.b')
    await Promise.all(many(MOST_PER_ACCOUNT, () => guess(`${name}@example.org`, place())))
    t.equal((await guess(`${name}@example.org`, place())).status, 429)
    t.equal((await guess(`${name.replace('.', '')}@example.org`, place())).status, 401)
  })
})

t.test('one address', async (t) => {
  const somebody = () => `${randomBytes(6).toString('hex')}@example.org`
  const from = place()
  t.same(
    await statuses(many(MOST_PER_ADDRESS + 20, () => guess(somebody(), from))),
    bound(MOST_PER_ADDRESS + 20, MOST_PER_ADDRESS),
    'whomever it tries'
  )
  const account = somebody()
  t.equal((await guess(account, from)).status, 429)
  t.same(
    await statuses(many(MOST_PER_ACCOUNT, () => guess(account, place()))),
    bound(MOST_PER_ACCOUNT, MOST_PER_ACCOUNT),
    'what it is refused counts against nobody'
  )
  t.same(
    await statuses(
      many(MOST_PER_ADDRESS + 5, (index) => guess(somebody(), `2001:db8:1:2::${index.toString(16)}`))
    ),
    bound(MOST_PER_ADDRESS + 5, MOST_PER_ADDRESS),
    'of IPv6, a network of 64 bits'
  )
  t.equal((await guess(somebody(), '2001:db8:1:3::1')).status, 401)
})

t.test('the owner is not locked out by a stranger', async (t) => {
  const { email } = await person(room)
  const home = place()
  t.equal((await guess(email, home, PASSWORD)).status, 201)
  await Promise.all(many(30, () => guess(email, place())))
  t.equal((await guess(email, place(), PASSWORD)).status, 429, 'from an address never seen')
  t.equal((await guess(email, home, PASSWORD)).status, 201, 'from home')
  t.same(
    await statuses(many(20, () => guess(email, home))),
    bound(20, MOST_PER_ACCOUNT),
    'where guesses are bounded too'
  )
  await later()
  await db.query({ text: `UPDATE sign_in_networks SET seen_at = seen_at - interval '31 days'` }, [])
  await Promise.all(many(MOST_PER_ACCOUNT, () => guess(email, place())))
  t.equal((await guess(email, home, PASSWORD)).status, 429, 'thirty days later home is forgotten')
})

t.test('a right password costs nothing', async (t) => {
  const { email } = await person(room)
  const from = place()
  for (let index = 0; index < MOST_PER_ACCOUNT - 1; index++) await guess(email, place())
  for (let index = 0; index < 2 * MOST_PER_ACCOUNT; index++)
    t.equal((await guess(email, from, PASSWORD)).status, 201)
  const [wrong, over] = [await guess(email, place()), await guess(email, place())]
  t.same([wrong.status, over.status], [401, 429], 'and takes back its own try, no more and no less')
})

t.test('what is told, and when it is over', async (t) => {
  const email = `${unique('told')}@example.org`
  t.equal((await guess(email, place())).headers.get('ratelimit'), null, 'nothing before')
  await Promise.all(many(MOST_PER_ACCOUNT, () => guess(email, place())))
  const refused = await guess(email, place())
  t.equal(refused.body.code, 'too_many_requests')
  t.match(refused.headers.get('ratelimit'), /^"sign-in";r=0;t=[89]\d\d$/)
  t.equal(refused.headers.get('ratelimit-policy'), `"sign-in";q=${MOST_PER_ACCOUNT};w=900`)
  const seconds = Number(refused.headers.get('retry-after'))
  t.ok(seconds > 800 && seconds <= 900, `${seconds} s`)
  await later()
  t.equal((await guess(email, place())).status, 401)
  const [left] = await db.query<{ count: number }>(
    { text: 'SELECT count(*)::int AS count FROM sign_in_failures' },
    []
  )
  for (let index = 0; index < 30; index++) await guess(`${unique('trim')}@example.org`, place())
  const old = await db.query({ text: 'SELECT FROM sign_in_failures WHERE until < clock_timestamp()' }, [])
  t.ok(old.length < (left?.count ?? 0), 'and old rows go')
  t.equal(old.length, 0)
})

t.test('a forged header changes no address', async (t) => {
  for (const [trustProxy, headers] of [
    [false, (index: number) => ({ 'x-forwarded-for': `203.0.113.${index}` })],
    [1, (index: number) => ({ 'x-forwarded-for': `203.0.113.${index}, 192.0.2.7` })],
    [
      ['127.0.0.1'] as unknown as number,
      (index: number) => ({ 'x-forwarded-for': `203.0.113.${index}, 192.0.2.8` })
    ],
    [['10.0.0.0/8'] as unknown as number, (index: number) => ({ 'x-forwarded-for': `203.0.113.${index}` })]
  ] as const)
    t.test(`TRUST_PROXY ${trustProxy}`, async (t) => {
      await later()
      const other = await buildApp({ ...config, trustProxy: trustProxy as number | false }, app.db)
      t.teardown(() => other.close())
      const url = await other.listen({ port: 0, host: '127.0.0.1' })
      const tries = many(MOST_PER_ADDRESS + 10, (index) =>
        fetch(`${url}/v1/sessions`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            forwarded: `for=203.0.113.${index}`,
            'x-real-ip': `203.0.113.${index}`,
            'cf-connecting-ip': `203.0.113.${index}`,
            ...headers(index)
          },
          body: JSON.stringify({ email: `${unique('forged')}@example.org`, password: 'not it' })
        })
      )
      t.same(await statuses(tries), bound(MOST_PER_ADDRESS + 10, MOST_PER_ADDRESS))
    })
})

/**
 * How likely it is that a try for an account takes longer than one for none: a half when nobody can tell (Mann and
 * Whitney's U). Compared within the same run, so how fast the machine is does not count.
 */
t.test('nobody can tell by the time whether there is an account', async (t) => {
  await later()
  const known = await Promise.all(many(6, () => person(room)))
  const times = { known: [] as number[], unknown: [] as number[] }
  for (let round = 0; round < 48; round++) {
    const pair = [
      ['known', known[round % known.length]?.email as string],
      ['unknown', `${unique('nobody')}@example.org`]
    ] as const
    for (const [which, email] of round % 2 ? pair : [...pair].reverse()) {
      const start = performance.now()
      t.equal((await guess(email, place())).status, 401)
      times[which].push(performance.now() - start)
    }
  }
  const longer = times.known.flatMap((a) => times.unknown.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)))
  const likely = longer.reduce((sum: number, one) => sum + one, 0) / longer.length
  t.comment(`known takes longer with a likelihood of ${likely.toFixed(2)}`)
  t.ok(likely > 0.25 && likely < 0.75, `${likely.toFixed(2)}`)
})
