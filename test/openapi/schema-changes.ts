/** What one JSON Schema takes and another does not, as far as OpenAPI documents of ours can say it. */

export type Schema = {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  format?: string
  pattern?: string
  uniqueItems?: boolean
  items?: Schema
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  required?: string[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  [keyword: string]: unknown
}
export type Document = { components?: { schemas?: Record<string, Schema> }; [member: string]: unknown }
export type Change = { pointer: string; words: string }
/** What is sent to us must be taken as before; what we answer must be what it was before. */
export type Direction = 'request' | 'answer'

/** A schema of one of the two documents, and where it stands in that. */
type Place = { document: Document; schema: Schema; pointer: string }
/** `sub` may say nothing that `sup` does not: of requests the old one is `sub`, of answers the new one. */
type Pair = { sub: Place; sup: Place }

export const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

const BOUNDS = [
  ...['maxLength', 'maxItems', 'maxProperties', 'maximum', 'exclusiveMaximum'].map(
    (name) => [name, 1] as const
  ),
  ...['minLength', 'minItems', 'minProperties', 'minimum', 'exclusiveMinimum'].map(
    (name) => [name, -1] as const
  )
]

/** Compares the schemas of one place. Give it both documents once: components it has seen are not compared again. */
export function makeComparison(before: Document, after: Document) {
  const known = new Map<string, Change[]>()

  return (direction: Direction, old: Schema, now: Schema, pointer: string): Change[] => {
    const [was, is] = [
      { document: before, schema: old, pointer },
      { document: after, schema: now, pointer }
    ]
    return compare(direction === 'request' ? { sub: was, sup: is } : { sub: is, sup: was }, direction)
  }

  function compare(pair: Pair, direction: Direction): Change[] {
    const { sub, sup } = pair
    const refs = [sub.schema.$ref, sup.schema.$ref]
    if (!refs.some(Boolean)) {
      const hasKinds = [sub, sup].some(({ schema }) => schema.anyOf || schema.oneOf)
      return hasKinds ? compareKinds(pair, direction) : compareOne(pair, direction)
    }
    const key = JSON.stringify([direction, sub.schema.$ref ?? sub.schema, sup.schema.$ref ?? sup.schema])
    const found = known.get(key)
    if (found) return found
    // A component that holds itself fits if nothing else says that it does not.
    known.set(key, [])
    const changes = compare({ sub: follow(sub), sup: follow(sup) }, direction)
    known.set(key, changes)
    return changes
  }

  /** Each kind of thing that `sub` may be must be one that `sup` may be. */
  function compareKinds({ sub, sup }: Pair, direction: Direction): Change[] {
    const [subs, sups] = [kindsOf(sub), kindsOf(sup)]
    return subs.flatMap((one) => {
      const tries = sups.map((other) => compare({ sub: one, sup: other }, direction))
      const best = tries.reduce(
        (least, changes) => (changes.length < least.length ? changes : least),
        tries[0] ?? []
      )
      if (best.length === 0) return []
      const alike = sups.findIndex((other) => isAlike(one, other))
      if (alike >= 0) return tries[alike] as Change[]
      const kind = one.schema.$ref?.split('/').at(-1) ?? JSON.stringify(one.schema.type ?? one.schema)
      if (sups.length === 1 && subs.length === 1) return best
      return [
        change(
          sub.pointer,
          direction === 'request' ? `takes ${kind} no more` : `may be ${kind} now, which it never was`
        )
      ]
    })
  }

  function compareOne(pair: Pair, direction: Direction): Change[] {
    const { sub, sup } = pair
    const [old, now] = direction === 'request' ? [sub, sup] : [sup, sub]
    const differs = (keyword: string) =>
      change(
        sub.pointer,
        `${keyword} was ${told(old.schema[keyword])} and is ${told(now.schema[keyword])}: ${
          direction === 'request' ? 'takes less than before' : 'may be more than before'
        }`
      )
    const wrongType = typesOf(sub.schema).some(
      (type) => !typesOf(sup.schema).some((other) => isWithin(type, other))
    )
    if (wrongType) return [differs('type')]
    const changes = [...compareValues(pair, direction, differs), ...compareBounds(pair, differs)]
    if (sup.schema.items)
      changes.push(...compare(within(pair, 'items', sub.schema.items ?? {}, sup.schema.items), direction))
    return [...changes, ...compareMembers(pair, direction)]
  }

  function compareMembers(pair: Pair, direction: Direction): Change[] {
    const { sub, sup } = pair
    const at = (name: string) => `${sub.pointer}/properties/${escaped(name)}`
    const [mine, theirs] = [sub.schema.properties ?? {}, sup.schema.properties ?? {}]
    const changes: Change[] = []
    for (const name of sup.schema.required ?? []) {
      if (sub.schema.required?.includes(name)) continue
      const isGone = direction === 'answer' && !mine[name]
      const words = isGone
        ? 'is not answered any more'
        : direction === 'answer'
          ? 'may be missing now'
          : 'must be sent now'
      changes.push(change(at(name), words))
    }
    for (const [name, schema] of Object.entries(mine)) {
      const other = theirs[name]
      if (other)
        changes.push(...compare(within(pair, `properties/${escaped(name)}`, schema, other), direction))
      // Whoever reads answers passes over what they do not know.
      else if (direction === 'request' && isClosed(sup.schema))
        changes.push(change(at(name), 'is not taken any more'))
    }
    if (direction === 'answer')
      for (const name of Object.keys(theirs))
        if (!mine[name] && !sup.schema.required?.includes(name))
          changes.push(change(at(name), 'is not answered any more'))
    return [...changes, ...compareRest(pair, direction)]
  }

  /** Members without a name of their own. */
  function compareRest(pair: Pair, direction: Direction): Change[] {
    const { sub, sup } = pair
    const changes: Change[] = []
    for (const [pattern, schema] of Object.entries(sub.schema.patternProperties ?? {})) {
      const other = sup.schema.patternProperties?.[pattern]
      const place = `patternProperties/${escaped(pattern)}`
      if (other) changes.push(...compare(within(pair, place, schema, other), direction))
      else if (direction === 'request' && isClosed(sup.schema))
        changes.push(change(`${sub.pointer}/${place}`, 'is not taken any more'))
    }
    const [mine, theirs] = [sub.schema.additionalProperties ?? true, sup.schema.additionalProperties ?? true]
    const place = 'additionalProperties'
    if (isObject(sub.schema) && mine !== false && theirs === false && direction === 'request')
      changes.push(change(`${sub.pointer}/${place}`, 'members without a name are not taken any more'))
    else if (isObject(sub.schema) && mine !== false && typeof theirs === 'object')
      changes.push(...compare(within(pair, place, mine === true ? {} : mine, theirs), direction))
    return changes
  }
}

/** Clients of an enum that is `x-extensible` were told from the beginning that more values may come. */
function compareValues(
  { sub, sup }: Pair,
  direction: Direction,
  differs: (keyword: string) => Change
): Change[] {
  if (direction === 'answer' && sup.schema['x-extensible']) return []
  const [mine, theirs] = [valuesOf(sub.schema), valuesOf(sup.schema)]
  if (!theirs) return []
  const isMore = !mine || mine.some((value) => !theirs.some((other) => told(other) === told(value)))
  if (!isMore) return []
  return [differs(sub.schema.const !== undefined || sup.schema.const !== undefined ? 'const' : 'enum')]
}

function compareBounds({ sub, sup }: Pair, differs: (keyword: string) => Change): Change[] {
  // Which values there are has been compared; bounds beside them say nothing more.
  if (valuesOf(sub.schema)) return []
  const changes: Change[] = []
  for (const [name, sign] of BOUNDS) {
    const [mine, theirs] = [sub.schema[name], sup.schema[name]] as (number | undefined)[]
    const isNone = theirs === undefined || (/^min[LIP]/.test(name) && theirs === 0)
    if (!isNone && (mine === undefined || sign * mine > sign * theirs)) changes.push(differs(name))
  }
  for (const name of ['pattern', 'format'] as const) {
    const [mine, theirs] = [sub.schema[name], sup.schema[name]]
    // Of whole numbers the bounds say it.
    const isSize = name === 'format' && /^int\d\d$/.test(theirs ?? '')
    if (theirs !== undefined && mine !== theirs && !isSize) changes.push(differs(name))
  }
  if (sup.schema.uniqueItems && !sub.schema.uniqueItems) changes.push(differs('uniqueItems'))
  return changes
}

const change = (pointer: string, words: string): Change => ({ pointer, words })
const told = (value: unknown) => (value === undefined ? 'not said' : JSON.stringify(value))

const valuesOf = ({ const: value, enum: values }: Schema) => (value === undefined ? values : [value])
const ANY = ['object', 'array', 'string', 'number', 'boolean', 'null']
const typesOf = ({ type, ...schema }: Schema): string[] =>
  type ? [type].flat() : (valuesOf(schema)?.map(typeOf) ?? ANY)
const typeOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)
const isWithin = (type: string, other: string) => type === other || (type === 'integer' && other === 'number')
const isObject = (schema: Schema) => typesOf(schema).includes('object')
const isClosed = ({ additionalProperties }: Schema) => additionalProperties === false

function within({ sub, sup }: Pair, place: string, mine: Schema, theirs: Schema): Pair {
  return {
    sub: { ...sub, schema: mine, pointer: `${sub.pointer}/${place}` },
    sup: { ...sup, schema: theirs, pointer: `${sup.pointer}/${place}` }
  }
}

/** The component a schema points at; where it stands is told of it from there on. */
function follow(place: Place): Place {
  const { $ref } = place.schema
  if (!$ref) return place
  const name = $ref.split('/').at(-1) ?? ''
  const schema = place.document.components?.schemas?.[name]
  if (!schema) throw new Error(`${place.pointer} points at ${$ref}, which is not there.`)
  return follow({ ...place, schema, pointer: `#/components/schemas/${escaped(name)}` })
}

const kindsOf = ({ schema, ...place }: Place): Place[] =>
  (schema.anyOf ?? schema.oneOf)?.flatMap((kind) => kindsOf({ ...place, schema: kind })) ?? [
    { ...place, schema }
  ]

/** Whether two kinds are meant to be the same: by their component, by the constants they carry, by their type. */
function isAlike(one: Place, other: Place): boolean {
  if (one.schema.$ref || other.schema.$ref) return one.schema.$ref === other.schema.$ref
  const type = (place: Place) => told(typesOf(place.schema))
  const constants = ({ schema }: Place) =>
    told(Object.entries(schema.properties ?? {}).filter(([, { const: value }]) => value !== undefined))
  return type(one) === type(other) && constants(one) === constants(other)
}
