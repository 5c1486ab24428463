#!/usr/bin/env bash
# A Docker engine of its own (Debian: docker.io), in a folder of its own; needs root.
#   docker.sh start DIR PID   starts it and prints DOCKER_HOST's value; ends it by itself when the process PID is gone
#   docker.sh stop DIR        stops it and every container, removes the folder and what it changed in the machine's network
set -euo pipefail

usage() { sed -n '2,4s/^# \{0,1\}//p' "$0"; }
[ $# -ge 2 ] || { usage >&2; exit 2; }
dir=$2

start() { # process
  [ "$(id -u)" -eq 0 ] && command -v dockerd >/dev/null ||
    { echo "There is no Docker engine, and none can be started: that needs root and Debian's docker.io and docker-compose." >&2; exit 1; }
  mkdir -p "$dir"
  iptables-save >"$dir/iptables" 2>/dev/null || true
  cat /proc/sys/net/ipv4/ip_forward >"$dir/ip_forward"
  [ ! -e /sys/class/net/docker0 ] || touch "$dir/had-bridge"
  local driver
  for driver in overlay2 vfs; do
    if serve "$driver"; then
      # Whatever ends the test, nothing outlives it.
      setsid bash -c "while kill -0 $1; do sleep 1; done; exec bash '$0' stop '$dir'" >/dev/null 2>&1 </dev/null &
      echo "unix://$dir/docker.sock"
      return
    fi
    echo "The engine did not start with $driver:" >&2
    tail -n 20 "$dir/log" >&2
  done
  stop
  exit 1
}

serve() { # storage driver
  rm -rf "$dir/data"
  setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" -H "unix://$dir/docker.sock" \
    --pidfile "$dir/pid" --storage-driver "$1" >"$dir/log" 2>&1 </dev/null &
  local child=$!
  for _ in $(seq 600); do
    [ ! -S "$dir/docker.sock" ] || ! DOCKER_HOST=unix://$dir/docker.sock docker version >/dev/null 2>&1 || return 0
    kill -0 "$child" 2>/dev/null || return 1
    sleep 0.1
  done
  kill -9 "$child"
  return 1
}

stop() {
  [ -d "$dir" ] || return 0
  local pid
  pid=$(cat "$dir/pid" 2>/dev/null || true)
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 900); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  fi
  [ ! -f "$dir/iptables" ] || { { cat "$dir/iptables"; [ -s "$dir/iptables" ] || printf '*filter\nCOMMIT\n*nat\nCOMMIT\n'; } | iptables-restore; } || true
  [ ! -f "$dir/ip_forward" ] || cat "$dir/ip_forward" >/proc/sys/net/ipv4/ip_forward
  [ -f "$dir/had-bridge" ] || ip link delete docker0 2>/dev/null || true
  umount "$dir"/exec/netns/* 2>/dev/null || true
  rm -rf "$dir"
}

case $1 in
  start) [ $# -eq 3 ] || { usage >&2; exit 2; }; start "$3" ;;
  stop) stop ;;
  *) usage >&2; exit 2 ;;
esac
