/** What a connection begins with, sent as `options` when it is opened. */

/** Bounds of time, and no compiling: statements of a few milliseconds would wait longer for that than they gain. */
export const SESSION =
  '-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c timezone=UTC -c jit=off'

/** Of the role that reads. */
export const READING = `${SESSION} -c default_transaction_read_only=on`

/** Of a session that others wait for: a host that is gone without a word is found out in about ten seconds. */
export const WATCHFUL =
  '-c statement_timeout=30000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c timezone=UTC -c jit=off ' +
  '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3'

/** The same in SQL, for a pooler that begins connections itself and passes no `options` on. */
export const CONNECT_QUERY = SESSION.split('-c ')
  .filter(Boolean)
  .map((setting) => `SET ${setting.trim()}`)
  .join('; ')
