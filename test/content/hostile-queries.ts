/**
 * Queries nobody means well with: what the OpenAPI document takes, at its edges and past them. Everything here is a
 * piece of an address as it stands in one, escaped or broken as it will be sent.
 */
import fc from 'fast-check'

export type Parameter = {
  in: string
  name: string
  required?: boolean
  schema: { type?: string; format?: string; enum?: string[]; pattern?: string }
}
export type Route = { path: string; parameters: Parameter[] }

/** What is there to be named: slugs and the like of all kinds, words, addresses, pages of all lists. */
export type Known = {
  /** By route: what its address may end with. */
  places: Record<string, string[]>
  slugs: string[]
  sources: string[]
  words: string[]
  /** By route: queries that lead to a page of it. */
  pages: Record<string, string[]>
  addresses: string[]
}

export type Question = { route: Route; target: string; as: 'nobody' | 'editor' }

const encode = (text: string) => encodeURIComponent(text)

type Weighed<T> = [weight: number, arbitrary: fc.Arbitrary<T>]
const weighed = <T>(weight: number, arbitrary: fc.Arbitrary<T>): Weighed<T> => [weight, arbitrary]
/** One of them, each as often as its weight says. */
const mostly = <T>(...all: Weighed<T>[]) =>
  fc.oneof(...all.map(([weight, arbitrary]) => ({ weight, arbitrary })))

// ---- Texts -----------------------------------------------------------------------------------------------------------

const split = (text: string) => text.trim().split(/\s+/)

const META = [
  ...split(
    String.raw`' " \ % _ * ? ( ) [ { < > & | ! : :* <-> <2> @@ - -- 0 ß İ ı ﬁ ё й 한 漢 ก ع 🏳️‍🌈 𝔄 Z̸̢̛
      '' $1 $$ ::int /* \' E\x00 %s%n ]]> &lt; <script> <?xml {{7*7}} {slug} #a:b ../../etc/passwd \u0000 (a+)+$ .* [a- (?<a>
      a&b !!a (a a:*b null undefined NaN true [] {} __proto__ constructor toString all default`
  ),
  ...['\0', 'a\0b', 'a-\0'],
  ...' \t\n\r\u0001\u007f\u0085\u2028\ufeff\u200d\u202e\uffff\u{10ffff}\u{e0001}',
  ...`' OR '1'='1 ~ '; DROP TABLE articles; -- ~ a & b ~ a | | b ~ 'a' <-> 'b ~ <!ENTITY a "b"> ~ <![CDATA[ `.split(
    ' ~ '
  )
]
/** Escapes that are none, or of what is no text. */
const BROKEN = split(
  `% %2 %zz %ff %fe%ff %c0%80 %ED%A0%80 %ED%B0%80 %F0%9F %00 a%00b %u0041 %25%30%30 %E2%80%AE %0d%0aset-cookie:%20a=b
    + %2B = == ; %26 %23 %C2 %A0`
)

/** A unit again and again, up to 8 KB as they are sent. */
const long = fc
  .tuple(
    fc.constantFrom(...split(String.raw`a a- " ( ' \ % ю é 漢 🏳 ab/ ../ { a, slug,`), 'a ', '-a or '),
    fc.constantFrom(12, 40, 41, 201, 301, 400, 401, 1_001, 2_501, 8_192)
  )
  .map(([unit, bytes]) => unit.repeat(Math.ceil(bytes / encode(unit).length)))

const texts = (known: Known) =>
  fc.oneof(
    fc.constantFrom(...META),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc
      .array(fc.constantFrom(...META, ...known.slugs, ...known.words), { maxLength: 8 })
      .map((all) => all.join('')),
    long
  )

/** Escaped once, not at all, or twice. An unescaped `#` would end the query. */
const written = (text: fc.Arbitrary<string>) =>
  mostly(
    [6, text.map(encode)],
    [1, text.map((plain) => plain.replaceAll('#', '%23'))],
    [1, text.map((plain) => encode(encode(plain)))]
  )

/** What somebody may type into a search box. */
const typed = ({ words }: Known) =>
  fc
    .tuple(
      fc.array(
        mostly(
          [4, fc.constantFrom(...words)],
          [2, fc.constantFrom(...split(`or OR - " -" and the и & | ! :* * ( )`), '" "')],
          // Nearly a word: a letter left out.
          [
            2,
            fc
              .tuple(fc.constantFrom(...words), fc.nat(5))
              .map(([word, at]) => word.slice(0, at) + word.slice(at + 1))
          ],
          [1, fc.string({ unit: 'grapheme', maxLength: 12 })],
          [1, fc.constantFrom(...META)]
        ),
        { minLength: 1, maxLength: 40 }
      ),
      fc.constantFrom(' ', ' ', ' ', '', ' -', ' or ', '"')
    )
    .map(([parts, between]) => [...parts.join(between)].slice(0, 190).join(''))

// ---- Values that a parameter takes, and those just beside them -------------------------------------------------------

const NUMBERS = [
  ...split(
    '-1 0 -0 00 1 2 99 100 101 1000000 1000001 2147483647 2147483648 1e1 0x10 1.0 1,0 +5 %205 5%20 5_0 ٣ NaN'
  ),
  ...['', 'Infinity', '9'.repeat(15), '9'.repeat(16), '9'.repeat(400)]
]
const MOMENTS = [
  ...split(
    `0000-01-01T00:00:00Z 0001-12-31T23:59:59Z 0002-01-01T00:00:00Z 0002-01-01T00:00:00+15:59 -0001-01-01T00:00:00Z
    9998-12-31T23:59:59Z 9998-12-31T23:59:59-15:59 9998-12-31T23:59:59.999999999Z 9999-12-31T23:59:59Z 10000-01-01T00:00:00Z
    2026-02-29T00:00:00Z 2024-02-29T00:00:00Z 2026-13-01T00:00:00Z 2026-11-31T00:00:00Z 2026-11-24T24:00:00Z 2026-11-24
    2026-06-30T23:59:60Z 2026-11-24t12:00:00z 2026-11-24T12:00:00 1700000000 now infinity -infinity epoch today
    2026-11-24T12:00:00+16:00 2026-11-24T12:00:00-00:00 1582-10-10T00:00:00Z 2026-11-24T12:00:00.0000000000000001Z
    2026-11-24T12:00:00.Z 0044-03-15T12:00:00Z`
  ),
  ...['', '2026-11-24 12:00:00Z', '2026-11-24T12:00:00Z BC']
]
const moments = fc.date({
  min: new Date('0002-01-01T00:00:00Z'),
  max: new Date('9998-12-31T23:59:59Z'),
  noInvalidDate: true
})
const LOCALES = split(
  'hy de xx zh-Hant en-US sr-Latn-RS es-419 EN en_US en- e abcd * en,ru en%0A C simple english ru%00'
)

/** Cut, swapped, with one bit turned, or of another list. */
const cursors = (own: string[], all: string[]) => {
  const any = fc.constantFrom(...all)
  return mostly(
    ...(own.length > 0 ? [weighed(6, fc.constantFrom(...own))] : []),
    [2, any],
    [1, fc.tuple(any, fc.nat(120)).map(([cursor, at]) => cursor.slice(0, at))],
    [1, fc.tuple(any, any).map(([a, b]) => a.slice(0, 24) + b.slice(24))],
    [
      1,
      fc
        .tuple(any, fc.nat(60))
        .map(([a, at]) => `${a.slice(0, at)}${a[at] === 'A' ? 'B' : 'A'}${a.slice(at + 1)}`)
    ],
    [1, any.map((cursor) => `${cursor}%3D`)],
    [1, any.map((cursor) => cursor.toUpperCase())],
    [1, fc.base64String({ maxLength: 200 }).map(encode)]
  )
}

const addresses = (known: Known) => {
  const path = fc
    .array(
      fc.constantFrom(
        ...[...known.slugs, ...known.addresses, ''],
        ...split(String.raw`/ // .. . ? ?p=7 #a %2f % : @ \ en`)
      ),
      { minLength: 1, maxLength: 5 }
    )
    .map((parts) => parts.join('/'))
  const host = fc.constantFrom(
    '',
    ...split(
      `/ // https://news.example/ http://news.example:99999/ HTTPS://NEWS.EXAMPLE/ http://[::1 https://a:b@news.example/
      javascript: data:text/html, https://xn--a.example/ https://news。example/`
    )
  )
  return mostly(
    [3, fc.constantFrom(...known.addresses)],
    [2, fc.tuple(host, path).map((parts) => parts.join(''))],
    [1, fc.webUrl({ withQueryParameters: true, withFragments: true })]
  )
}

const cursorsIn = (queries: string[]) => queries.map((query) => /cursor=([^&]+)/.exec(query)?.[1] ?? '')

/** The names of a list of names, from its pattern: `^(a|b)(,(a|b))*$`. */
const namesOf = (pattern: string) => (/\(([^()]+)\)/.exec(pattern)?.[1] ?? '').split('|')

/** What a parameter takes, most of the time. */
function apt(route: Route, { name, schema }: Parameter, known: Known): fc.Arbitrary<string> {
  if (name === 'cursor')
    return cursors(cursorsIn(known.pages[route.path] ?? []), cursorsIn(Object.values(known.pages).flat()))
  if (name === 'q') return typed(known).map(encode)
  if (name === 'path' || name === 'url') return addresses(known).map((address) => encode(address))
  if (name === 'ids') return fc.array(fc.uuid(), { minLength: 1, maxLength: 110 }).map(String)
  if (name === 'source') return fc.constantFrom(...known.sources, ...known.sources, ...META).map(encode)
  if (name === 'locale') return mostly([6, fc.constantFrom('en', 'ru')], [1, fc.constantFrom(...LOCALES)])
  if (schema.type === 'integer')
    return mostly(
      [6, fc.integer({ min: 1, max: 100 }).map(String)],
      [1, fc.constantFrom(...NUMBERS)],
      [1, fc.maxSafeInteger().map(String)]
    )
  if (schema.enum)
    return mostly(
      [9, fc.constantFrom(...schema.enum)],
      [1, fc.constantFrom(...schema.enum).map((value) => value.toUpperCase())],
      [1, fc.constantFrom('', 'constructor', ...schema.enum.map((value) => `${value}%20`))]
    )
  if (schema.format === 'date-time')
    return mostly(
      [5, moments.map((date) => encode(date.toISOString()))],
      [1, fc.date({ noInvalidDate: true }).map((date) => encode(date.toISOString()))],
      [1, fc.constantFrom(...MOMENTS).map(encode)]
    )
  const names = namesOf(schema.pattern ?? '')
  if (names.length > 1)
    return mostly(
      [4, fc.shuffledSubarray(names, { minLength: 1 }).map(String)],
      [1, fc.array(fc.constantFrom(...names, '', '*', 'version', 'createdBy'), { maxLength: 60 }).map(String)]
    )
  return mostly([6, fc.constantFrom(...known.slugs)], [1, fc.constantFrom(...META).map(encode)])
}

// ---- Queries ---------------------------------------------------------------------------------------------------------

/** Pieces of a query for one route: `name=value`, and what is not even that. */
function piecesOf(route: Route, known: Known, junk: fc.Arbitrary<string>) {
  const query = route.parameters.filter((parameter) => parameter.in === 'query')
  const named = ({ name }: Parameter, values: fc.Arbitrary<string>) =>
    values.map((value) => `${name}=${value}`)
  const well = (parameter: Parameter) => {
    const one = named(parameter, apt(route, parameter, known))
    if (parameter.schema.type !== 'array') return one
    return mostly([3, one], [1, fc.array(one, { minLength: 2, maxLength: 12 }).map((all) => all.join('&'))])
  }
  const names = [...query.map(({ name }) => name), 'utm_source', 'page', 'offset', 'filter', 'callback', '_']
  const alien = fc.oneof(
    fc
      .tuple(
        fc.oneof(
          fc.constantFrom(...names),
          fc.constantFrom('id', '__proto__', 'constructor', 'at', 'toString')
        ),
        fc.constantFrom('', '[]', '[0]', '[$ne]', '.x', '%00', '%5B%5D', '/', '~0', '~1', ' ')
      )
      .map((parts) => parts.join('')),
    junk
  )
  const wild = mostly(
    ...query.map((parameter) => weighed(4, well(parameter))),
    ...query.map((parameter) => weighed(2, named(parameter, junk))),
    [2, fc.tuple(alien, junk).map((parts) => parts.join('='))],
    [1, alien],
    [1, fc.constantFrom('', '=', '&', '==', '=a', ';', '?', '%', '%00', 'a&a')]
  )
  return { query, well, wild }
}

/** Questions for all routes alike. Half of their queries name what the route takes, each once, in any order. */
export function questions(routes: Route[], known: Known): fc.Arbitrary<Question> {
  const text = texts(known)
  const junk = mostly([5, written(text)], [1, fc.constantFrom(...BROKEN)])
  const all = routes.map((route): fc.Arbitrary<Question> => {
    const { query, well, wild } = piecesOf(route, known, junk)
    const needed = query.filter(({ required }) => required)
    const free = query.filter(({ required, name }) => !required && name !== 'cursor')
    const neat = fc
      .shuffledSubarray(free)
      .chain((chosen) => fc.tuple(...[...needed, ...chosen].map(well)))
      .chain((pieces) => fc.shuffledSubarray(pieces, { minLength: pieces.length }))
    // A cursor is good only with the filters it was made with.
    const page = fc
      .tuple(fc.constantFrom(...(known.pages[route.path] ?? [''])), fc.integer({ min: 1, max: 100 }))
      .map(([query, limit]) => (query ? [query, `limit=${limit}`] : []))
    const asNeeded = fc.option(fc.tuple(...needed.map(well)), { nil: [] })
    const rough = fc
      .tuple(asNeeded, fc.array(wild, { maxLength: 6 }))
      .chain(([first, others]) =>
        fc.shuffledSubarray([...first, ...others], { minLength: first.length + others.length })
      )
    const ending = mostly(
      [8, fc.constantFrom(...(known.places[route.path] ?? ['nothing']))],
      [1, fc.constantFrom(...known.slugs)],
      [1, text.filter((one) => one !== '').map(encode)]
    )
    const path = ending.map((end) => route.path.replace(/\{\w+\}/, () => end))
    return fc
      .record({
        path,
        pieces: mostly([6, neat], [1, page], [5, rough]),
        as: fc.constantFrom<Question['as'][]>('nobody', 'editor', 'editor', 'editor')
      })
      .map(({ path, pieces, as }) => {
        const search = pieces.join('&')
        // What an editor is shown is not kept, and all may see the rest.
        return { route, target: `${path}?${search}`, as: /(^|&)at=/.test(search) ? as : 'nobody' }
      })
  })
  // A route with more parameters has more to be got wrong.
  return mostly(...all.map((one, index) => weighed(1 + (routes[index]?.parameters.length ?? 0), one)))
}
