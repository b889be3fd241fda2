/** `npm run news-page`: the news page of the Dateline at DATELINE_URL. */
import { newsPage } from './news-page.ts'

const {
  PORT = '4000',
  HOST = 'localhost',
  DATELINE_URL = 'http://localhost:3000',
  LIST = 'world-news'
} = process.env
const { ORIGIN = `http://localhost:${PORT}`, DATELINE_PUBLIC_URL = DATELINE_URL } = process.env

const server = newsPage({
  dateline: DATELINE_URL.replace(/\/$/, ''),
  datelinePublic: DATELINE_PUBLIC_URL.replace(/\/$/, ''),
  origin: ORIGIN.replace(/\/$/, ''),
  list: LIST,
  timeoutMs: 5_000
})
server.listen(Number(PORT), HOST, () => process.stdout.write(`${ORIGIN}\n`))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.close())
