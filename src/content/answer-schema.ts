/** Answers many content routes can give. */
import { Nothing } from '../http/wire.ts'

export const moved = {
  301: Nothing('It has another address now.', {
    headers: { location: { type: 'string', description: 'The same route with the present slug.' } }
  })
}
export const unchanged = { 304: Nothing('You have it already (If-None-Match).') }
