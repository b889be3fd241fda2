/** Serializers are compiled when they are first needed: all of them at once take longer than everything else at start. */
import { type SerializerFactory, SerializerSelector } from '@fastify/fast-json-stringify-compiler'

type Serialize = (data: unknown) => string

/** What Fastify compiles response schemas with. Answers described by one component share its serializer. */
export const buildSerializer: SerializerFactory = (components, options) => {
  const compile = SerializerSelector()(components, options)
  const ofComponents = new Map<string, Serialize>()
  return (route) => {
    const name = componentOf(route.schema)
    let serialize = name === null ? undefined : ofComponents.get(name)
    return (data: unknown) => {
      serialize ??= (name !== null && ofComponents.get(name)) || (compile(route) as unknown as Serialize)
      if (name !== null) ofComponents.set(name, serialize)
      return serialize(data)
    }
  }
}

function componentOf(schema: unknown): string | null {
  const { $ref, ...rest } = schema as { $ref?: string }
  return $ref !== undefined && Object.keys(rest).length === 0 ? $ref : null
}
