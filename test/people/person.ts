import { type Newsroom, PASSWORD, unique } from '../helper.ts'

export type Person = {
  id: string
  email: string
  password: string
  accessToken: string
  refreshToken: string
  sessionId: string
}

/** Somebody new, signed in. Answers with what they have. */
export async function person(room: Newsroom, role = 'author'): Promise<Person> {
  const email = `${unique('maya')}@example.org`
  const body = { email, name: 'Maya Lindqvist', role, password: PASSWORD }
  const { id } = (await room.api('POST /v1/users', { as: 'admin', body, expect: 201 })).body
  return { id, email, password: PASSWORD, ...(await signIn(room, email)) }
}

/** One more session. */
export async function signIn({ api }: Newsroom, email: string, password = PASSWORD) {
  const { accessToken, refreshToken, user } = (
    await api('POST /v1/sessions', { body: { email, password }, expect: 201 })
  ).body
  return { accessToken, refreshToken, sessionId: user.sessionId } as Pick<
    Person,
    'accessToken' | 'refreshToken' | 'sessionId'
  >
}
