/** The yardstick for what is cached: Fastify that sends one buffer with the headers it was told, and does nothing else. */
import Fastify from 'fastify'

export type Fixed = { headers: Record<string, string>; body: Buffer }

const app = Fastify()
let fixed: Fixed = { headers: {}, body: Buffer.alloc(0) }

app.get('/*', (_request, reply) => {
  reply.headers(fixed.headers).send(fixed.body)
})
app.post('/*', (_request, reply) => {
  reply.code(204).send()
})

process.on('message', ({ headers, body }: Fixed) => {
  fixed = { headers, body: Buffer.from(body) }
  process.send?.('understood')
})
process.on('SIGTERM', () => process.exit(0))

await app.listen({ port: Number(process.env.PORT), host: process.env.HOST ?? '127.0.0.1' })
