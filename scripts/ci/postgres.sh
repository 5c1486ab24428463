#!/usr/bin/env bash
# A private PostgreSQL for the tests, on a free port of 127.0.0.1.
#   postgres.sh start DIR   makes a cluster in DIR (empty or missing), starts it and prints TEST_POSTGRES_URL's value
#   postgres.sh stop DIR    stops it
set -euo pipefail

usage() { sed -n '2,4s/^# \{0,1\}//p' "$0"; }
[ $# -eq 2 ] || { usage >&2; exit 2; }
dir=$2
# Newest first; distributions keep the server's programs off the PATH.
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -Vr | head -n 1 || true)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || true)")

# The server refuses to run as root.
as_server() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

free_port() {
  node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

start() {
  [ -x "$bin/initdb" ] || { echo "PostgreSQL is not installed (Debian: apt-get install postgresql)." >&2; exit 1; }
  mkdir -p "$dir"
  [ "$(id -u)" -ne 0 ] || chown postgres "$dir"
  as_server test -w "$dir" || { echo "The user postgres may not enter $dir: chmod a+x the folders above it." >&2; exit 1; }
  cd "$dir"
  as_server "$bin/initdb" -D "$dir/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync \
    >"$dir/initdb.log" 2>&1 || { tail -n 20 "$dir/initdb.log" >&2; exit 1; }
  local port attempt
  for attempt in 1 2 3; do
    port=$(free_port)
    # Tests kill the store, never this server: it may skip its own fsync.
    if as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -t 60 -s \
      -o "-p $port -h 127.0.0.1 -k '$dir' -c fsync=off -c full_page_writes=off -c max_connections=300" start >&2; then
      echo "postgres://postgres@127.0.0.1:$port/postgres"
      return
    fi
    echo "PostgreSQL did not start on port $port (try $attempt of 3)." >&2
  done
  tail -n 20 "$dir/data/server.log" >&2
  exit 1
}

stop() {
  [ -f "$dir/data/postmaster.pid" ] || return 0
  cd "$dir"
  as_server "$bin/pg_ctl" -D "$dir/data" -m immediate -w -t 30 -s stop >&2
}

case $1 in
  start) start ;;
  stop) stop ;;
  *) usage >&2; exit 2 ;;
esac
