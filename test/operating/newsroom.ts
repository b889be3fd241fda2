/** A Dateline in a process of its own on a Postgres of its own, and somebody who edits there. */
import assert from 'node:assert/strict'
import { BROWSER } from '../helper.ts'
import { freePort, type Running, start } from '../start/process.ts'
import type { Test } from './programs.ts'

export const ADMIN = { email: 'chief@example.org', password: 'nine blue lamps in fog' }
export const SECRET = 'a secret for tests that is long enough'

/** What all instances have alike. */
export const common = {
  DATELINE_SECRET: SECRET,
  PUBLIC_URL: 'http://dateline.test',
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  DEMO: 'true'
}

export async function begin(t: Test, settings: Record<string, string>): Promise<Running> {
  const running = await start({ ...common, PORT: String(await freePort()), HOST: '127.0.0.1', ...settings })
  t.teardown(async () => void (await running.stop('SIGKILL')))
  return running
}

/** Whatever shape the test expects. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Told = { status: number; headers: Headers; text: string; body: any }

export type Asked = { method?: string; headers?: Record<string, string>; body?: unknown; expect?: number }

export async function ask(url: string, { method, headers, body, expect }: Asked = {}): Promise<Told> {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: {
      'user-agent': BROWSER,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers
    },
    ...(body !== undefined && { body: JSON.stringify(body) })
  })
  const text = await response.text()
  if (expect !== undefined) assert.equal(response.status, expect, `${url}: ${text.slice(0, 400)}`)
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text && JSON.parse(text)
  }
}

/** Signs in there; answers with what an editor does: every request carries the token. */
export async function editor(url: string) {
  const { body } = await ask(`${url}/v1/sessions`, { body: ADMIN, expect: 201 })
  const authorization = `Bearer ${body.accessToken}`
  const edit = (path: string, asked: Asked = {}, at = url) =>
    ask(at + path, { ...asked, headers: { authorization, ...asked.headers } })
  return {
    authorization,
    edit,
    /** An article of this headline, live from now, or from and until the moments given. */
    async publish(headline: string, when: { liveFrom?: string; liveUntil?: string } = {}) {
      const made = await edit('/v1/articles', {
        body: {
          locale: 'en',
          headline,
          body: { markdown: `${headline}. ${'It was a long day. '.repeat(80)}` }
        },
        expect: 201
      })
      const { body: publication } = await edit(`/v1/articles/${made.body.id}/publications`, {
        body: when,
        headers: { 'if-match': '"1"' },
        expect: 201
      })
      return { id: made.body.id as string, slug: made.body.slug as string, publication }
    },
    /** Changes the headline of what was published once, and publishes that. */
    async correct(id: string, version: number, headline: string) {
      await edit(`/v1/articles/${id}`, {
        method: 'PATCH',
        body: { headline },
        headers: { 'if-match': `"${version}"` },
        expect: 200
      })
      await edit(`/v1/articles/${id}/publications`, {
        body: {},
        headers: { 'if-match': `"${version + 1}"` },
        expect: 201
      })
    }
  }
}
