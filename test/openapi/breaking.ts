/** What a client of one OpenAPI document stumbles over in the next one. */
import { type Change, type Document, escaped, makeComparison, type Schema } from './schema-changes.ts'

type Media = { schema?: Schema }
type Parameter = { in: string; name: string; required?: boolean; schema?: Schema; [keyword: string]: unknown }
type Answer = { $ref?: string; headers?: Record<string, unknown>; content?: Record<string, Media> }
type Operation = {
  operationId?: string
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Record<string, Media> }
  responses: Record<string, Answer>
  security?: Record<string, string[]>[]
  'x-scopes'?: string[]
}
type Paths = Record<string, Record<string, Operation>>
export type Api = Document & {
  paths: Paths
  webhooks?: Paths
  components?: Document['components'] & { responses?: Record<string, Answer> }
}
type Both<T> = { old: T; now: T; at: string }

/** Every breaking change between two documents, each once: where, as a JSON pointer (into the new document, if it is there), and what. */
export function breakingChanges(before: Api, after: Api): Change[] {
  const compare = makeComparison(before, after)
  const changes: Change[] = []
  const tell = (pointer: string, words: string) => void changes.push({ pointer, words })

  pairOperations(before.paths, after.paths, '#/paths', (both) => {
    compareParameters(both)
    compareBody(both)
    compareAnswers(both)
    compareAccess(both)
    if (both.old.operationId !== both.now.operationId)
      tell(`${both.at}/operationId`, `was ${both.old.operationId} and is ${both.now.operationId}`)
  })
  // Here it is we who send.
  pairOperations(before.webhooks ?? {}, after.webhooks ?? {}, '#/webhooks', ({ old, now, at }) => {
    for (const { name } of old.parameters ?? [])
      if (!now.parameters?.some((other) => other.name === name))
        tell(`${at}/parameters`, `${name} is not sent any more`)
    pairMedia(
      'answer',
      old.requestBody?.content,
      now.requestBody?.content,
      `${at}/requestBody/content`,
      'is not sent any more'
    )
  })
  const seen = new Set<string>()
  return changes.filter((change) => {
    const key = JSON.stringify(change)
    return !seen.has(key) && seen.add(key)
  })

  function pairOperations(old: Paths, now: Paths, root: string, work: (both: Both<Operation>) => void) {
    // What a part of an address is called matters to nobody who asks.
    const shape = (path: string) => path.replace(/\{\w+\}/g, '{}')
    for (const [path, operations] of Object.entries(old)) {
      const same = Object.keys(now).find((other) => shape(other) === shape(path)) ?? path
      for (const [method, operation] of Object.entries(operations)) {
        const at = `${root}/${escaped(same)}/${method}`
        const other = now[same]?.[method]
        if (other) work({ old: operation, now: other, at })
        else tell(at, 'is not there any more')
      }
    }
  }

  function compareParameters({ old, now, at }: Both<Operation>) {
    const keysOf = (parameters: Parameter[] = []) => {
      let parts = 0
      return parameters.map((parameter) => {
        const name = parameter.in === 'path' ? String(parts++) : parameter.name
        return [
          `${parameter.in} ${parameter.in === 'header' ? name.toLowerCase() : name}`,
          parameter
        ] as const
      })
    }
    const [olds, nows] = [keysOf(old.parameters), keysOf(now.parameters)]
    for (const [key, parameter] of olds) {
      const index = nows.findIndex(([other]) => other === key)
      const told = `the ${parameter.in} parameter ${parameter.name}`
      const other = nows[index]?.[1]
      if (!other) {
        tell(`${at}/parameters`, `${told} is not taken any more`)
        continue
      }
      const place = `${at}/parameters/${index}`
      if (other.required && !parameter.required) tell(`${place}/required`, `${told} must be sent now`)
      for (const keyword of ['style', 'explode'])
        if (parameter[keyword] !== other[keyword])
          tell(`${place}/${keyword}`, `${told} is written in another way`)
      changes.push(...compare('request', parameter.schema ?? {}, other.schema ?? {}, `${place}/schema`))
    }
    for (const [index, [key, { in: where, name, required }]] of nows.entries())
      if (required && !olds.some(([other]) => other === key))
        tell(`${at}/parameters/${index}`, `the ${where} parameter ${name} is new and must be sent`)
  }

  function compareBody({ old: { requestBody: old }, now: { requestBody: now }, at }: Both<Operation>) {
    const place = `${at}/requestBody`
    if (now?.required && !old?.required) tell(place, 'a body must be sent now')
    if (old && !now) tell(place, 'a body is not taken any more')
    if (old && now)
      pairMedia('request', old.content, now.content, `${place}/content`, 'is not taken any more')
  }

  function compareAnswers({ old, now, at }: Both<Operation>) {
    for (const [status, answer] of Object.entries(old.responses)) {
      const place = `${at}/responses/${status}`
      const other = now.responses[status]
      if (!other) {
        tell(place, 'is not answered any more')
        continue
      }
      const [was, is] = [answerOf(before, answer), answerOf(after, other)]
      const names = new Set(Object.keys(is.headers ?? {}).map((name) => name.toLowerCase()))
      const root = other.$ref ?? place
      for (const name of Object.keys(was.headers ?? {}))
        if (!names.has(name.toLowerCase())) tell(`${root}/headers`, `${name} is not answered any more`)
      pairMedia('answer', was.content, is.content, `${root}/content`, 'is not answered any more')
    }
    // Refusals may come for new reasons: a client must know them by their first digit.
    for (const status of Object.keys(now.responses))
      if (status < '4' && !old.responses[status]) tell(`${at}/responses/${status}`, 'is a new way to succeed')
  }

  function pairMedia(
    direction: 'request' | 'answer',
    old: Record<string, Media> = {},
    now: Record<string, Media> = {},
    at: string,
    gone: string
  ) {
    for (const [type, media] of Object.entries(old)) {
      const other = now[type]
      if (other)
        changes.push(
          ...compare(direction, media.schema ?? {}, other.schema ?? {}, `${at}/${escaped(type)}/schema`)
        )
      else tell(at, `${type} ${gone}`)
    }
  }

  function compareAccess({ old, now, at }: Both<Operation>) {
    const [olds, nows] = [old.security ?? [{}], now.security ?? [{}]]
    for (const way of olds) {
      const stillGood = nows.some((other) => Object.keys(other).every((name) => name in way))
      if (!stillGood)
        tell(`${at}/security`, `${Object.keys(way).join(' with ') || 'no token'} is not enough any more`)
    }
    const [was, is] = [old['x-scopes'], now['x-scopes']]
    const lost = (was ?? []).filter((scope) => !is?.includes(scope))
    if (lost.length > 0) tell(`${at}/x-scopes`, `a key with ${lost.join(' or ')} is not enough any more`)
    if (!was && is && !olds.some((way) => Object.keys(way).length === 0))
      tell(`${at}/x-scopes`, `a key needs ${is.join(' or ')} now`)
  }
}

function answerOf({ components }: Api, answer: Answer): Answer {
  if (!answer.$ref) return answer
  return components?.responses?.[answer.$ref.split('/').at(-1) ?? ''] ?? {}
}
