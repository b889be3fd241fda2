/** What the fault tests share. All rounds with TEST_FULL=1, a tenth of them otherwise. */
import { Agent, request } from 'node:http'

export const isWhole = process.env.TEST_FULL === '1'
export const ADMIN = { email: 'chief@example.org', password: 'nine blue lamps in fog' }

export type Told = { status: number; headers: NodeJS.Dict<string | string[]>; text: string }

/** A client that keeps connections, and retries nothing: what broke, broke. */
export function client(sockets = 50) {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets })
  return {
    send: (url: string, { method = 'GET', headers = {}, body = '' } = {}) =>
      new Promise<Told>((answered, broke) => {
        const asked = request(url, { method, agent, headers }, (response) => {
          let text = ''
          response.on('data', (data) => (text += data))
          response.on('end', () =>
            answered({ status: response.statusCode as number, headers: response.headers, text })
          )
          response.on('error', broke)
          response.on('aborted', () => broke(new Error('cut off')))
        })
        asked.on('error', broke)
        asked.end(body)
      }),
    close: () => agent.destroy()
  }
}

export async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN)
  })
  return ((await response.json()) as { accessToken: string }).accessToken
}
