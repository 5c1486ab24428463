#!/usr/bin/env bash
# A MongoDB-compatible server in memory for the document-store specs (mongo-java-server, fetched by Maven).
#   mongo.sh start DIR   starts it on a free port and prints MONGO_URL's value
#   mongo.sh stop DIR    stops it
#   mongo.sh jars DIR    prints the folder of its libraries
set -euo pipefail

usage() { sed -n '2,5s/^# \{0,1\}//p' "$0"; }
[ $# -eq 2 ] || { usage >&2; exit 2; }
dir=$2
source=$(cd "$(dirname "$0")/../../test/servers/mongo" && pwd)
jars=${XDG_CACHE_HOME:-$HOME/.cache}/valence/mongo-$(sha256sum <"$source/pom.xml" | cut -c1-12)

fetch() {
  [ -d "$jars" ] && return
  echo "Fetching the MongoDB-compatible test server with Maven ..." >&2
  local fresh="$jars.$$"
  mvn -B -q -f "$source/pom.xml" dependency:copy-dependencies -DoutputDirectory="$fresh" >&2
  mv "$fresh" "$jars"
}

start() {
  fetch
  mkdir -p "$dir"
  java -cp "$jars/*" "$source/Main.java" >"$dir/mongo.out" 2>"$dir/mongo.log" </dev/null &
  echo $! >"$dir/mongo.pid"
  for _ in $(seq 300); do
    if grep -q '^mongodb://' "$dir/mongo.out"; then
      grep -m1 '^mongodb://' "$dir/mongo.out"
      return
    fi
    kill -0 "$(cat "$dir/mongo.pid")" 2>/dev/null || break
    sleep 0.1
  done
  echo "The MongoDB-compatible server did not start:" >&2
  tail -n 20 "$dir/mongo.log" >&2
  stop
  exit 1
}

stop() {
  [ -f "$dir/mongo.pid" ] || return 0
  local pid
  pid=$(cat "$dir/mongo.pid")
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 50); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$dir/mongo.pid"
}

case $1 in
  start) start ;;
  stop) stop ;;
  jars) fetch && echo "$jars" ;;
  *) usage >&2; exit 2 ;;
esac
