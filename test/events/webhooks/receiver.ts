/** A receiver of events: a server on loopback that notes what it is sent and answers as it is told to. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import type { Newsroom } from '../../helper.ts'

type Test = { teardown: (work: () => Promise<void> | void) => void }

export type Received = {
  id: string
  at: number
  headers: IncomingHttpHeaders
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: an event as it is sent; what is not there fails the test
  body: any
}

/** Answers 204 unless `answer` says otherwise; what never ends its answer hangs. */
export async function receiver(
  t: Test,
  answer: (response: ServerResponse, message: Received, count: number) => void = (response) =>
    void response.writeHead(204).end()
) {
  const received: Received[] = []
  let connections = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const message = {
        ...{ id: String(request.headers['webhook-id']), at: Date.now(), headers: request.headers, text },
        body: text ? JSON.parse(text) : null
      }
      received.push(message)
      answer(response, message, received.length)
    })
  })
  server.on('connection', () => connections++)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/hook`, port, received, connections: () => connections }
}

/** Whether Standard Webhooks' own code takes the signature. */
export function isSigned({ text, headers }: Received, secret: string): boolean {
  try {
    new Webhook(secret).verify(text, headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}

export async function makeWebhook({ api }: Newsroom, url: string, fields: object = {}) {
  const body = { url, events: ['*'], ...fields }
  return (await api('POST /v1/webhooks', { as: 'admin', body, expect: 201 })).body
}

export async function deliveriesOf({ api }: Newsroom, id: string, search = '') {
  return (await api(`GET /v1/webhooks/${id}/deliveries?limit=100${search}`, { as: 'admin', expect: 200 }))
    .body.data
}
