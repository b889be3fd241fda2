/** Editing calls to be drawn at random, and how each is sent, and asked of the model. */
import fc from 'fast-check'
import type { Options } from '../helper.ts'
import {
  type Article,
  cancel,
  change,
  type Match,
  type Patch,
  patch,
  publish,
  type Role,
  reinstate,
  restore,
  type Told,
  trash,
  unpublish,
  versionOf,
  type Wish,
  withdraw,
  workingCopy
} from './model.ts'

/** `now` is some seconds ago, which is meant to be now. Numbers are hours on the grid: 1 is the next one to come. */
type When = number | 'now'
type Moments<T> = Omit<T, 'liveFrom' | 'liveUntil'> & { liveFrom?: When; liveUntil?: When | null }

/** `article` counts round those there are; `readers` picks what is looked at through readers' eyes afterwards. */
type Common = { who: Role; article: number; readers: number }
export type Command = Common &
  (
    | { do: 'patch'; match: Match; fields: Omit<Patch, 'tags'> & { tags?: number[] } }
    | { do: 'publish'; match: Match; wish: Moments<Wish> }
    | { do: 'change'; which: number; wish: Moments<Wish> }
    | { do: 'cancel'; which: number }
    | { do: 'unpublish'; at?: When }
    | { do: 'withdraw' | 'reinstate' | 'restore' }
    | { do: 'trash'; match: Match }
    | { do: 'pass'; hours: number }
  )

/** Some things far more often than others: `[[9, 'right'], [1, 'stale']]`. */
const often = <T>(...choices: [weight: number, value: T][]) =>
  fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })))

const who = often<Role>([9, 'editor'], [3, 'author'], [1, 'contributor'])
const article = often([9, 0], [7, 1], [1, 2], [2, 3])
const match = often<Match>([30, 'right'], [1, 'stale'], [1, 'missing'])
const common = { who, article, readers: fc.nat(999) }
const ahead = often<When>([5, 1], [6, 2], [5, 3], [3, 4], [1, 5], [2, 'now'], [1, 0])
const end = often<When | null>([4, null], [1, 2], [2, 3], [4, 4], [5, 5], [3, 6], [1, 1], [1, 0])
const version = often([6, 1], [6, 2], [2, 3], [1, 4])
/** Left out so often, of six times. */
const absent = <T>(weight: number, arbitrary: fc.Arbitrary<T>) =>
  fc.oneof(
    { withCrossShrink: true },
    { weight, arbitrary: fc.constant(undefined) },
    { weight: 6 - weight, arbitrary }
  )

const newWish = fc.record({
  liveFrom: absent(2, ahead),
  liveUntil: absent(3, end),
  version: absent(2, version),
  minor: absent(4, fc.boolean()),
  correction: absent(4, fc.constantFrom('One', 'Two'))
})
const otherWish = fc.record({
  liveFrom: absent(3, ahead),
  liveUntil: absent(3, end),
  version: absent(4, version),
  minor: absent(4, fc.boolean()),
  correction: absent(4, fc.constantFrom('One', 'Two', null))
})
const fields = fc.record({
  headline: absent(2, fc.constantFrom('one', 'two', 'three')),
  slug: absent(4, often<string | null>([2, 'a'], [2, 'b'], [2, 'c'], [1, null])),
  tags: absent(4, fc.constantFrom([], [0], [0, 1], [1]))
})

const of = <Name extends string, More extends object>(
  name: Name,
  more: { [K in keyof More]: fc.Arbitrary<More[K]> }
) => fc.record({ do: fc.constant(name), ...common, ...more })
const which = fc.nat(9)

const command = fc.oneof(
  { weight: 6, arbitrary: of('patch', { match, fields }) },
  { weight: 12, arbitrary: of('publish', { match, wish: newWish }) },
  { weight: 2, arbitrary: of('publish', { match, wish: fc.constant({}) }) },
  { weight: 9, arbitrary: of('change', { which, wish: otherWish }) },
  { weight: 4, arbitrary: of('cancel', { which }) },
  { weight: 3, arbitrary: of('unpublish', { at: absent(2, ahead) }) },
  { weight: 2, arbitrary: of('withdraw', {}) },
  { weight: 2, arbitrary: of('reinstate', {}) },
  { weight: 1, arbitrary: of('trash', { match }) },
  { weight: 1, arbitrary: of('restore', {}) },
  { weight: 3, arbitrary: of('pass', { hours: often([4, 1], [2, 2], [1, 4]) }) }
) as fc.Arbitrary<Command>

const opening = fc.record({
  do: fc.constant('publish' as const),
  ...common,
  who: fc.constant<Role>('editor'),
  match: fc.constant<Match>('right'),
  wish: newWish
})
const half = fc.array(command, { maxLength: 10, size: 'max' })

/** `cast`: which articles there are. */
export type Sequence = { cast: number[]; commands: Command[] }

/** Mostly something is on the timeline from the start. Two halves, so that few sequences are short, and none long. */
export const sequence: fc.Arbitrary<Sequence> = fc.noBias(
  fc.record({
    cast: often([5, [0, 1]], [1, [0, 2]], [3, [0, 3]], [1, [0, 1, 2, 3]]),
    commands: fc
      .tuple(absent(1, opening), half, half)
      .map(([first, one, two]) => [...(first ? [first] : []), ...one, ...two])
  })
)

/** What of a sequence a call needs to be sent. */
export type Stage = {
  articles: Article[]
  /** A moment of the grid, in milliseconds. */
  hour: (index: number) => number
  /** What slugs and headlines of this sequence begin with. */
  name: string
  tags: string[]
  /** The database's clock, as it was last seen. */
  clock: number
}

type Deed = Exclude<Command, { do: 'pass' }>
type Call = {
  request: string
  options: Options
  /** The model's answer, given the moment the service took and the slug it made. */
  expected: (now: number, slug: string) => Told
}

/** One of the rows there are, the latest ones first, since those can be changed. The last choice is none. */
function rowOf(which: number, articles: Article[]) {
  const rows = articles
    .flatMap((article) => article.rows.map(({ id, from }) => ({ article, id, from })))
    .sort((a, b) => b.from - a.from)
  return which === 9 ? undefined : rows[which % (rows.length || 1)]
}

/** The call a command is, as things stand, and the article it is about. */
export function callOf(command: Deed, stage: Stage): Call & { article: Article } {
  const row = 'which' in command ? rowOf(command.which, stage.articles) : undefined
  const article = row?.article ?? (stage.articles[command.article % stage.articles.length] as Article)
  return { article, ...callTo(command, article, row?.id ?? article.id, stage) }
}

function callTo(
  command: Deed,
  article: Article,
  id: string,
  { articles, hour, name, tags, clock }: Stage
): Call {
  const { who } = command
  const path = `/v1/articles/${article.id}`
  const moment = (when: When) => (when === 'now' ? clock - 10_000 : hour(when))
  const given = (when: When | null | undefined) => (typeof when === 'object' ? when : when && moment(when))
  const toWish = (wish: Moments<Wish>): Wish => ({
    ...wish,
    liveFrom: wish.liveFrom === undefined ? undefined : moment(wish.liveFrom),
    liveUntil: wish.liveUntil === 0 ? hour(0) : given(wish.liveUntil)
  })
  const body = ({ liveFrom, liveUntil, ...rest }: Wish) => ({
    ...rest,
    liveFrom: liveFrom === undefined ? undefined : new Date(liveFrom).toISOString(),
    liveUntil: typeof liveUntil === 'number' ? new Date(liveUntil).toISOString() : liveUntil
  })
  const ifMatch = (match: Match) =>
    ({ right: versionOf(article), stale: versionOf(article) - 1, missing: undefined })[match]

  switch (command.do) {
    case 'patch': {
      const { headline, slug } = command.fields
      const fields = {
        ...(headline && { headline: `${name} ${headline}` }),
        ...(slug !== undefined && { slug: slug && `${name}-${slug}` }),
        ...(command.fields.tags && { tags: command.fields.tags.map((index) => tags[index] as string) })
      }
      return {
        request: `PATCH ${path}`,
        options: { as: who, ifMatch: ifMatch(command.match), body: fields },
        expected: (_, made) => patch(articles, article, who, command.match, fields, made)
      }
    }
    case 'publish': {
      const wish = toWish(command.wish)
      return {
        request: `POST ${path}/publications`,
        options: { as: who, ifMatch: ifMatch(command.match), body: body(wish) },
        expected: (now) => publish(articles, article, who, command.match, wish, now)
      }
    }
    case 'change':
    case 'cancel': {
      const request = `${path}/publications/${id}`
      if (command.do === 'cancel') {
        return {
          request: `DELETE ${request}`,
          options: { as: who },
          expected: (now) => cancel(articles, article, who, id, now)
        }
      }
      const wish = toWish(command.wish)
      return {
        request: `PATCH ${request}`,
        options: { as: who, body: body(wish) },
        expected: (now) => change(articles, article, who, id, wish, now)
      }
    }
    case 'unpublish': {
      const at = command.at === undefined ? undefined : moment(command.at)
      return {
        request: `POST ${path}/unpublish`,
        options: { as: who, body: at === undefined ? undefined : { at: new Date(at).toISOString() } },
        expected: (now) => unpublish(article, who, at, now)
      }
    }
    case 'withdraw':
      return {
        request: `POST ${path}/withdraw`,
        options: { as: who, body: { reason: 'Court order' } },
        expected: (now) => withdraw(article, who, now)
      }
    case 'reinstate':
      return {
        request: `POST ${path}/reinstate`,
        options: { as: who },
        expected: () => reinstate(article, who)
      }
    case 'trash':
      return {
        request: `DELETE ${path}`,
        options: { as: who, ifMatch: ifMatch(command.match) },
        expected: (now) => trash(article, who, command.match, now)
      }
    case 'restore':
      return {
        request: `POST ${path}/restore`,
        options: { as: who },
        expected: (_, made) => restore(articles, article, who, made || workingCopy(article).slug)
      }
  }
}
