#!/bin/sh
# Shows that a backup can be restored: puts it into a database of its own, compares every table with what the backup
# counted, walks the chain of the audit to where it ended, starts Dateline on it, reads an article, and drops it again.
# Webhooks are switched off in the copy first, or it would send again what was under way when the backup was made.
#
#   REHEARSAL_URL=postgres://user:password@host:5432/postgres DATELINE_SECRET=… scripts/restore-rehearsal.sh /srv/backups/dateline-….dump
#
# REHEARSAL_URL names a server, not the production one if you can, and a user who may create databases. KEEP=1 leaves the
# copy there, and says its address. Needs psql and pg_restore, and runs in Dateline's folder.
set -eu

dump=${1:?Name a backup: scripts/restore-rehearsal.sh /srv/backups/dateline-….dump}
server=${REHEARSAL_URL:?Set REHEARSAL_URL to a server where databases can be created}
: "${DATELINE_SECRET:?Set DATELINE_SECRET to the one of the newsroom: the backup is of no use without it}"
case $dump in /*) ;; *) dump=$PWD/$dump ;; esac
base=${dump%.dump}
here=$(cd "$(dirname "$0")/.." && pwd)

# The address of a database of that name on the same server.
address() {
  node -e 'const url = new URL(process.argv[1]); url.pathname = "/" + process.argv[2]; console.log(url.href)' "$server" "$1"
}
sql() { psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$@"; }
fail() {
  echo "FAILED: $1" >&2
  exit 1
}

(cd "$(dirname "$dump")" && sha256sum --check --quiet "$(basename "$base").sha256") ||
  fail "the files are not those that were written"
echo "Checksums: as written."

name=dateline_rehearsal_$(date -u +%Y%m%d%H%M%S)_$$
copy=$(address "$name")
work=$(mktemp -d)
process=
finish() {
  [ -z "$process" ] || kill "$process" 2>/dev/null || true
  [ -z "$process" ] || wait "$process" 2>/dev/null || true
  if [ -n "${KEEP:-}" ]; then echo "Kept: $name"; else sql "$server" --command "DROP DATABASE IF EXISTS $name WITH (FORCE)" || true; fi
  rm -rf "$work"
}
sql "$server" --command "CREATE DATABASE $name TEMPLATE template0 ENCODING 'UTF8'"
trap finish EXIT
trap 'exit 1' HUP INT TERM

pg_restore --no-owner --no-privileges --exit-on-error --dbname "$copy" "$dump" || fail "pg_restore"
sql "$copy" --output "$work/counts" <<'SQL'
SELECT string_agg(format('SELECT %L || '' '' || count(*) FROM %I.%I', tablename, schemaname, tablename), ' UNION ALL ' ORDER BY tablename)
FROM pg_tables WHERE schemaname = 'public' \gexec
SQL
diff "$base.counts" "$work/counts" >&2 || fail "tables have other numbers of rows than when the backup was made"
echo "Rows: the same in all $(wc -l <"$work/counts" | tr -d ' ') tables."

sql "$copy" --command "UPDATE webhooks SET enabled = false WHERE enabled"
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
# From the sources where they are, as npm start does, else from what was built.
if [ -f "$here/src/server.ts" ]; then program=scripts/start.mjs commands=scripts/cli.mjs; else program=dist/server.js commands=dist/cli.js; fi
cd "$here"
unset DATABASE_DIRECT_URL DATABASE_READER_URL METRICS_PORT ADMIN_EMAIL ADMIN_PASSWORD OIDC_ISSUER OIDC_AUDIENCE OIDC_ROLES OIDC_CREATE
export DATABASE_URL="$copy" DATELINE_SECRET PORT="$port" HOST=127.0.0.1 PUBLIC_URL="http://127.0.0.1:$port" DEMO=false DRAIN_SECONDS=0

head=$(cat "$base.head")
if [ "${head%%:*}" = 0 ]; then set --; else set -- --head "$head"; fi
node "$commands" audit verify "$@" || fail "the audit"

node "$program" >"$work/log" 2>&1 &
process=$!
# Read by the code that readers are served with.
PROCESS=$process node -e '
  const [url, locale, slug] = process.argv.slice(1)
  const wait = (ms) => new Promise((done) => setTimeout(done, ms))
  const alive = () => { try { return process.kill(Number(process.env.PROCESS), 0) } catch { return false } }
  ;(async () => {
    for (let tries = 0; ; tries++) {
      const ready = await fetch(url + "/health/ready").catch(() => null)
      if (ready?.ok) break
      if (!alive() || tries > 600) throw new Error("it did not start")
      await wait(200)
    }
    if (!slug) return console.log("Started. Nothing is live in it, so no article was read.")
    const address = url + "/v1/content/articles/" + encodeURIComponent(slug) + "?locale=" + encodeURIComponent(locale)
    const answer = await fetch(address)
    if (answer.status !== 200) throw new Error(address + ": " + answer.status)
    console.log("Started, and read: " + (await answer.json()).headline)
  })().catch((error) => { console.error(error.message); process.exit(1) })
' "http://127.0.0.1:$port" $(sql "$copy" --field-separator ' ' --command "
  SELECT locale, slug FROM publications WHERE NOT withdrawn AND live_from <= now() AND (live_until IS NULL OR live_until > now())
  ORDER BY live_from DESC LIMIT 1") || {
  tail -n 20 "$work/log" >&2
  fail "Dateline on the copy"
}
echo "Restored: $(basename "$dump") can be relied on."
