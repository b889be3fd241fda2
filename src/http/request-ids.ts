/** Ids of requests, for logs and whoever asks about an answer: unique, and nobody's secret. */
import { randomUUID } from 'node:crypto'

/** Of this process; random ones throughout would cost as much as finding a kept answer. */
const begin = randomUUID().slice(0, 24)
let count = 0

/** A UUID of version 4 by its form. */
export const nextRequestId = () => begin + (++count).toString(16).padStart(12, '0')
