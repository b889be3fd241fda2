#!/bin/sh
# A backup of Dateline's database, with what is needed to know that it is whole: how many rows each table has, where the
# chain of the audit ends, and checksums. Everything in it is of one moment, and Dateline runs on meanwhile.
#
#   DATABASE_URL=postgres://… scripts/backup.sh /srv/backups
#
# Needs psql and pg_dump of the server's version or newer. It holds no DATELINE_SECRET: keep that elsewhere, you need both.
# To keep the password out of the list of processes, leave it out of the address and put it into ~/.pgpass.
set -eu

url=${DATABASE_DIRECT_URL:-${DATABASE_URL:?Set DATABASE_URL to the database to back up}}
folder=${1:?Say where to: scripts/backup.sh /srv/backups}
umask 077
mkdir -p "$folder"
name=dateline-$(date -u +%Y%m%dT%H%M%SZ)
# Under another name until it is whole, so that nobody takes a half one.
draft=$(mktemp -d "$folder/.$name.XXXXXX")
trap 'rm -rf "$draft"' EXIT
trap 'exit 1' HUP INT TERM

DUMP=$draft/$name.dump PGURL=$url
export DUMP PGURL
psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$url" <<SQL
SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \\gset
\\setenv SNAPSHOT :snapshot
\\! pg_dump --format=custom --no-owner --no-privileges --snapshot="\$SNAPSHOT" --file="\$DUMP" --dbname="\$PGURL" && touch "\$DUMP.done"
\\o '$draft/$name.counts'
SELECT string_agg(format('SELECT %L || '' '' || count(*) FROM %I.%I', tablename, schemaname, tablename), ' UNION ALL ' ORDER BY tablename)
FROM pg_tables WHERE schemaname = 'public' \\gexec
\\o '$draft/$name.head'
SELECT position || ':' || encode(hash, 'hex') FROM audit_head;
\\o
COMMIT;
SQL
# psql does not tell whether what it started succeeded.
if [ ! -e "$DUMP.done" ]; then
  echo "pg_dump failed: nothing was kept." >&2
  exit 1
fi
rm "$DUMP.done"
(cd "$draft" && sha256sum "$name.dump" "$name.counts" "$name.head" >"$name.sha256")
for kind in counts head sha256 dump; do mv "$draft/$name.$kind" "$folder/"; done
echo "$folder/$name.dump"
