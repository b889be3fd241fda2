/** Serializers are compiled when they are first needed: all of them at once take longer than everything else at start. */
import {
  type Serializer,
  type SerializerFactory,
  SerializerSelector
} from '@fastify/fast-json-stringify-compiler'

/** What Fastify compiles response schemas with. Answers described by one component share its serializer. */
export const buildSerializer: SerializerFactory = (components, options) => {
  const compile = SerializerSelector()(components, options)
  const ofComponents = new Map<string, Serializer>()
  return (route) => {
    const component = componentOf(route.schema)
    const known = component && ofComponents.get(component)
    if (known) return known
    let compiled: Serializer | undefined
    const serialize: Serializer = (data) => {
      compiled ??= compile(route)
      return compiled(data)
    }
    if (component) ofComponents.set(component, serialize)
    return serialize
  }
}

/** The component that a schema points at and says nothing beside. */
function componentOf(schema: unknown): string | null {
  const { $ref, ...rest } = schema as { $ref?: string }
  return $ref !== undefined && Object.keys(rest).length === 0 ? $ref : null
}
