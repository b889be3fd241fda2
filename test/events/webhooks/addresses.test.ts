/** Whoever may name an address must not let us speak to what only we can reach, however the address is written. */
import fc from 'fast-check'
import t from 'tap'
import { readConfig } from '../../../src/config.ts'
import { makeAddresses } from '../../../src/events/webhooks/addresses.ts'
import { until } from '../../content/feed.ts'
import { newsroom } from '../../helper.ts'
import { refused } from '../../traces.ts'
import { nameServer } from './name-server.ts'
import { deliveriesOf, makeWebhook, receiver } from './receiver.ts'

const PUBLIC = '93.184.215.14'
const room = await newsroom(t)
const { api, db } = room
const admin = { as: 'admin' } as const

/** All of this host, or of the networks around it. */
const literals = [
  ...['127.0.0.1', '127.1', '127.0.1', '127.255.255.254', '0.0.0.0', '0', '127.0.0.1.', '127.1.'],
  ...['2130706433', '0x7f000001', '017700000001', '0x7f.0.0.1', '0x7F.0x0.0x0.0x1', '0x7f.1'],
  ...['0177.0.0.1', '0177.1', '127.000.000.001', '00000177.0.0.0x1'],
  ...[
    '127%2e0%2e0%2e1',
    '%31%32%37.0.0.1',
    '%6c%6f%63%61%6c%68%6f%73%74',
    '１２７.０.０.１',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1'
  ],
  ...['[::1]', '[0:0:0:0:0:0:0:1]', '[0000::0001]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
  ...['[::127.0.0.1]', '[::7f00:1]', '[::ffff:0:127.0.0.1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...['[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2002:7f00:1::1]', '[2001:0:7f00:1::1]'],
  ...['[fe80::1]', '[fe80::1%25lo]', '[fe80::1%lo]', '[fec0::1]', '[fc00::1]', '[fd00:ec2::254]', '[100::1]'],
  ...['localhost', 'LOCALHOST', 'localhost.', 'hooks.localhost', 'news.example@127.0.0.1', 'a:b@[::1]'],
  ...[
    '169.254.169.254',
    '168.63.129.16',
    '10.0.0.1',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '192.0.0.170'
  ],
  ...['198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '[ff02::1]', '[2001:db8::1]']
]

/** What the DNS says of names, the first time and later. */
const names: Record<string, string[][]> = {
  'private.news.example': [['127.0.0.1']],
  'six.news.example': [['::1']],
  'mapped.news.example': [['::ffff:127.0.0.1']],
  'embedded.news.example': [['64:ff9b::7f00:1']],
  'both.news.example': [[PUBLIC, '127.0.0.1']],
  'both-kinds.news.example': [[PUBLIC, '::1']],
  'metadata.news.example': [['169.254.169.254']],
  'changing.news.example': [[PUBLIC], ['127.0.0.1']],
  'growing.news.example': [[PUBLIC], [PUBLIC, '127.0.0.1']],
  'later.news.example': [[], ['::1']]
}
const asked = new Map<string, number>()
await nameServer(t, (name, type) => {
  const count = asked.get(name + type) ?? 0
  asked.set(name + type, count + 1)
  return names[name]?.[Math.min(count, names[name].length - 1)] ?? []
})

const here = await receiver(t)
const at = (host: string) => `http://${host}:${here.port}/hook`

t.test(
  `${literals.length} ways to write an address, and names, are refused when they are given`,
  async (t) => {
    const body = (host: string) => ({ url: at(host), events: ['redirect.deleted'] })
    const refusedAtOnce = Object.keys(names).filter((name) => names[name]?.length === 1)
    for (const host of [...literals, ...refusedAtOnce, 'PRIVATE.news.example', 'private.news.example.'])
      await refused(
        t,
        room,
        'POST /v1/webhooks',
        { ...admin, body: body(host) },
        '400 invalid_request',
        '/url'
      )
    const { id } = (await api('POST /v1/webhooks', { ...admin, body: body(PUBLIC), expect: 201 })).body
    await refused(
      t,
      room,
      `PATCH /v1/webhooks/${id}`,
      { ...admin, ifMatch: 1, body: { url: at('0x7f.1') } },
      '400 invalid_request',
      '/url'
    )
    await db.query({ text: 'DELETE FROM webhooks' }, [])
    t.equal(here.connections(), 0)
  }
)

t.test('and each time something is to be sent', async (t) => {
  const hosts = [...literals, ...Object.keys(names)]
  const ids = new Map<string, string>()
  for (const host of hosts) {
    const changes = names[host] && names[host].length > 1
    const { id } = await makeWebhook(room, changes ? at(host) : at(PUBLIC), { events: ['redirect.deleted'] })
    ids.set(host, id)
    await db.query({ text: 'UPDATE webhooks SET url = $2::text WHERE id = $1::uuid' }, [id, at(host)])
    await api(`POST /v1/webhooks/${id}/test`, { ...admin, expect: 200 })
  }
  for (const [host, id] of ids) {
    await until(
      `${host} was tried`,
      async () => (await deliveriesOf(room, id))[0].attempts.length > 0,
      20_000
    )
    const [{ state, attempts }] = await deliveriesOf(room, id)
    t.equal(state, 'failed')
    t.equal(attempts[0].status, null, host)
    // What the URL standard takes for no address at all cannot be asked for.
    const isNone = !URL.canParse(at(host))
    t.equal(attempts[0].error, isNone ? 'connection_failed' : 'address_refused', host)
  }
  t.equal(here.connections(), 0, 'nothing was connected to')
  await db.query({ text: 'DELETE FROM webhooks' }, [])
})

t.test('redirects are not followed, and networks may be allowed', async (t) => {
  const allowing = await newsroom(t, { webhookAllow: ['127.0.0.1/32'] })
  const target = await receiver(t)
  for (const status of [301, 302, 303, 307, 308]) {
    const leading = await receiver(t, (response) => {
      response.writeHead(status, { location: target.url }).end()
    })
    const { id } = await makeWebhook(allowing, leading.url, { events: ['redirect.deleted'] })
    await allowing.api(`POST /v1/webhooks/${id}/test`, { ...admin, expect: 200 })
    await until('tried', async () => (await deliveriesOf(allowing, id))[0].attempts.length > 0)
    t.match(await deliveriesOf(allowing, id), [
      { state: 'failed', attempts: [{ status, error: 'redirect' }] }
    ])
    t.equal(leading.received.length, 1)
  }
  t.equal(target.connections(), 0)
  names['local.news.example'] = [['127.0.0.1']]
  const { id } = await makeWebhook(allowing, `http://local.news.example:${target.port}/`, {
    events: ['redirect.*']
  })
  await allowing.api(`POST /v1/webhooks/${id}/test`, { ...admin, expect: 200 })
  await until('a name of an allowed network', () => target.received.length === 1)
  t.equal(target.received[0]?.headers.host, `local.news.example:${target.port}`)
  for (const url of ['http://127.0.0.2/', 'http://[::1]/', 'http://10.0.0.1/'])
    await allowing.api('POST /v1/webhooks', { ...admin, body: { url, events: ['*'] }, expect: 400 })
})

t.test('no private address in any notation', async (t) => {
  const { checkLiteral } = makeAddresses([])
  const byte = fc.integer({ min: 0, max: 255 })
  const inside = fc.oneof(
    fc.tuple(fc.constantFrom(0, 10, 127), byte, byte, byte),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
    fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
    fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
    fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte)
  )
  const digits = (value: number, base: number) =>
    base === 16 ? `0x${value.toString(16)}` : base === 8 ? `0${value.toString(8)}` : String(value)
  const base = fc.constantFrom(8, 10, 16)
  fc.assert(
    fc.property(
      inside,
      fc.array(base, { minLength: 4, maxLength: 4 }),
      fc.integer({ min: 1, max: 4 }),
      (parts, bases, count) => {
        const last = parts.slice(count - 1).reduce((sum, part) => sum * 256 + part, 0)
        const four = [...parts.slice(0, count - 1), last]
          .map((part, index) => digits(part, bases[index] as number))
          .join('.')
        const [a, b] = [(parts[0] << 8) + parts[1], (parts[2] << 8) + parts[3]].map((part) =>
          part.toString(16)
        )
        for (const host of [
          four,
          `[::ffff:${a}:${b}]`,
          `[::${a}:${b}]`,
          `[64:ff9b::${a}:${b}]`,
          `[2002:${a}:${b}::1]`
        ])
          try {
            checkLiteral(new URL(`https://${host}/`))
            return false
          } catch (error) {
            if ((error as Error).name !== 'AddressRefused') throw error
          }
        return true
      }
    ),
    { numRuns: 2000 }
  )
  for (const host of [PUBLIC, '8.8.8.8', '[2606:4700:4700::1111]', '[::ffff:8.8.8.8]'])
    t.doesNotThrow(() => checkLiteral(new URL(`https://${host}/`)), host)
})

t.test('networks are read from WEBHOOK_ALLOW', async (t) => {
  const read = (WEBHOOK_ALLOW: string) =>
    readConfig({ WEBHOOK_ALLOW, DATELINE_SECRET: 'x'.repeat(40) }).webhookAllow
  t.same(read(''), [])
  t.same(read('10.0.0.0/8, fd00::/8,127.0.0.1 ,::1'), ['10.0.0.0/8', 'fd00::/8', '127.0.0.1/32', '::1/128'])
  for (const wrong of [
    '10.0.0.0/33',
    '10/8',
    'localhost',
    '10.0.0.0/8;::1',
    ',',
    '::1/129',
    'fe80::1%lo',
    '0x7f.1/8'
  ])
    t.throws(() => read(wrong), /WEBHOOK_ALLOW must be networks/, wrong)
})
