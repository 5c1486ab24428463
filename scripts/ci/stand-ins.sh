#!/usr/bin/env bash
# Images in place of the public ones, for a machine that can pull none: made of the files of Debian packages that are
# installed here (and the npm package `node`). Prints a line for each, like NATS_IMAGE=stand-in:nats.
#   stand-ins.sh DIR   makes them in the engine of DOCKER_HOST; DIR is a folder for work
set -euo pipefail

usage() { sed -n '2,5s/^# \{0,1\}//p' "$0"; }
[ $# -eq 1 ] || { usage >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
entries=$top/test/servers/stand-ins
work=$1
docker=$(command -v /usr/bin/docker docker | head -n 1)

# command that must be here | Debian package
NEEDED='
busybox      busybox-static
nats-server  nats-server
haproxy      haproxy
prometheus   prometheus
promtool     prometheus
javac        default-jdk-headless
mvn          maven
'

need() {
  local missing=() command package
  while read -r command package; do
    [ -z "$command" ] || PATH="$PATH:/usr/sbin" command -v "$command" >/dev/null || missing+=("$package")
  done <<<"$NEEDED"
  compgen -G "/usr/lib/postgresql/*/bin/postgres" >/dev/null || missing+=(postgresql)
  [ ${#missing[@]} -eq 0 ] || { echo "The stand-ins are made of Debian packages that are not here: apt-get install ${missing[*]}" >&2; exit 1; }
}

main() {
  need
  mkdir -p "$work"
  local name
  for name in node nats haproxy prometheus postgres mongo; do
    begin
    "image_$name"
    finish
  done
  with_npm_cache
}

# An empty system: one program that plays the shell and every small tool, users, a folder for everybody.
begin() {
  root=$work/root changes=()
  rm -rf "$root"
  mkdir -p "$root"/{tmp,etc,run,proc,sys,dev,root,var,usr/{bin,sbin,lib,lib64,local/bin}}
  chmod 1777 "$root/tmp"
  local link
  for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
  printf '%s\n' root:x:0:0::/root:/bin/sh postgres:x:70:70::/:/bin/sh mongodb:x:999:999::/:/bin/sh >"$root/etc/passwd"
  printf '%s\n' root:x:0: postgres:x:70: mongodb:x:999: >"$root/etc/group"
  program busybox
  busybox --list | while read -r link; do [ "$link" = busybox ] || ln -s busybox "$root/usr/bin/$link"; done
}

# A program of this machine, at the same place, with the libraries that it loads.
program() { # name or path
  local file
  file=$(PATH="$PATH:/usr/sbin" command -v "$1")
  copy "$(realpath "$file")" "/usr/bin/$(basename "$1")"
}

copy() { # from, to
  mkdir -p "$root$(dirname "$2")"
  rm -rf "${root:?}$2"
  cp -a --reflink=auto "$1" "$root$2"
  libraries "$root$2"
}

# Whatever the programs below a path are linked to.
libraries() {
  local library
  { find "$1" -type f \( -perm /111 -o -name "*.so*" \) -print0 | xargs -0 -r -n 100 ldd 2>/dev/null || true; } |
    sed -nE 's#.*(=> |^\t)(/[^ ]+) \(0x.*#\2#p' | sort -u | while read -r library; do
    local to=$root/usr/lib/${library#*lib/}
    [ "$library" != /lib64/ld-linux-x86-64.so.2 ] || to=$root/usr/lib64/ld-linux-x86-64.so.2
    [ -e "$to" ] || { mkdir -p "$(dirname "$to")" && cp -L "$library" "$to"; }
  done
}

own() { # user, folder
  mkdir -p "$root$2"
  chown "$1:$1" "$root$2"
}

finish() {
  local change options=()
  for change in "${changes[@]}"; do options+=(--change "$change"); done
  tar -C "$root" -c . | "$docker" import "${options[@]}" - "stand-in:$name" >/dev/null
  echo "${name^^}_IMAGE=stand-in:$name"
}

image_node() {
  copy "$top/node_modules/node/bin/node" /usr/local/bin/node
  copy "$(npm root -g)/npm" /usr/local/lib/node_modules/npm
  printf '#!/bin/sh\nexec node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n' >"$root/usr/local/bin/npm"
  chmod 755 "$root/usr/local/bin/npm"
  # Whatever packages' binaries may be linked to.
  local library
  for library in $(dpkg -L libc6 libgcc-s1 libstdc++6 | grep -E '/lib/[^/]+-linux-gnu/[^/]+\.so[.0-9]*$'); do
    cp -L "$library" "$root/usr/lib/${library#*lib/}"
  done
  # What the image has to be rid of.
  local tool
  for tool in apt apt-get dpkg; do program "$tool"; done
  # npm reads it to know the C library.
  copy /usr/bin/ldd /usr/bin/ldd
  mkdir -p "$root/var/cache/apt/archives" "$root/usr/lib/apt/methods"
}

# What npm fetched for this machine already need not come over the network again.
with_npm_cache() {
  local cache
  cache=$(npm config get cache)
  mkdir -p "$cache/_cacache"
  printf 'FROM stand-in:node\nCOPY . /root/.npm/_cacache\n' |
    "$docker" build -q -t stand-in:build -f - "$cache/_cacache" >/dev/null
  echo BUILD_IMAGE=stand-in:build
}

image_nats() {
  program nats-server
  changes=('ENTRYPOINT ["nats-server"]')
}

image_haproxy() {
  program haproxy
  changes=('CMD ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]')
}

image_prometheus() {
  program prometheus
  program promtool
  own 65534 /prometheus
  changes=('ENTRYPOINT ["prometheus"]')
}

image_postgres() {
  local bin share
  bin=$(ls -d /usr/lib/postgresql/*/bin | sort -Vr | head -n 1)
  share=/usr/share/postgresql/$(basename "$(dirname "$bin")")
  copy "$bin" "$bin"
  copy "$(dirname "$bin")/lib" "$(dirname "$bin")/lib"
  # Compiled functions and further languages, which the store does not use and which bring libraries of 100 MB.
  find "$root$(dirname "$bin")/lib" \( -name 'llvmjit*' -o -name 'pl[!p]*.so' -o -name 'plpe*' -o -name 'plpy*' -o -name bitcode \) -prune -exec rm -rf {} +
  copy "$share" "$share"
  copy /usr/share/zoneinfo/UTC /usr/share/zoneinfo/UTC
  copy "$entries/postgres.sh" /usr/local/bin/postgres-entry
  ln -s "$bin/pg_isready" "$root/usr/bin/pg_isready"
  own 70 /var/lib/postgresql/data
  changes=('ENTRYPOINT ["/usr/local/bin/postgres-entry"]')
}

image_mongo() {
  local jars java
  jars=$("$here/mongo.sh" jars "$work/mongo")
  java=$(dirname "$(dirname "$(realpath "$(command -v javac)")")")
  "$java/bin/javac" -cp "$jars/*" -d "$work/classes" "$top/test/servers/mongo/Main.java"
  rm -rf "$work/java"
  "$java/bin/jlink" --add-modules java.base,java.logging,java.management,java.naming,jdk.unsupported --strip-debug --no-header-files --no-man-pages --output "$work/java"
  copy "$work/java" /opt/java
  copy "$work/classes" /opt/mongo/classes
  copy "$jars" /opt/mongo/jars
  copy "$entries/mongo.sh" /usr/local/bin/mongo-entry
  copy "$entries/mongosh.sh" /usr/bin/mongosh
  own 999 /data/db
  own 999 /data/configdb
  changes=('ENTRYPOINT ["/usr/local/bin/mongo-entry"]')
}

main
