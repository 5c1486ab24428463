#!/bin/sh
# As the public image does: makes the database, runs the scripts of its first start, then the server.
set -e
bin=$(echo /usr/lib/postgresql/*/bin)
data=/var/lib/postgresql/data
if [ ! -s "$data/PG_VERSION" ]; then
  "$bin/initdb" -D "$data" -U postgres --auth-local=trust --auth-host=scram-sha-256 --pwfile="$POSTGRES_PASSWORD_FILE" \
    --encoding=UTF8 --locale=C
  echo 'host all all all scram-sha-256' >>"$data/pg_hba.conf"
  "$bin/pg_ctl" -D "$data" -w -o "-c listen_addresses=" start
  for file in /docker-entrypoint-initdb.d/*.sql; do "$bin/psql" -v ON_ERROR_STOP=1 -U postgres -q -f "$file"; done
  "$bin/pg_ctl" -D "$data" -w -m fast stop
fi
shift
exec "$bin/postgres" -D "$data" -c 'listen_addresses=*' "$@"
