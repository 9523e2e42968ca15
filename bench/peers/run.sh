#!/usr/bin/env bash
# The peers, and Trunkline beside them when TRUNKLINE_BIN names its binary: complete cycles per second (create,
# offer, accept, close; every step acknowledged after fsync) at 64 connections and 100, 1,000 and 10,000 agents.
#
#   bench/peers/run.sh                 or, with Trunkline beside them:  cargo xtask bench --peers
#
# Environment: AGENTS "100 1000 10000", CONNECTIONS 64, SECONDS_EACH 10, ROUNDS 3, HOW idx (or join: how the SQL
# router looks for an agent), SCRATCH /var/tmp (a real disk: on a memory disk fsync costs nothing).
#
# It starts a PostgreSQL 15 of its own on a free loopback port in a temporary folder, with Debian's packages, and
# removes it at the end. Runs of the two routers alternate; the table gives medians, and the ratio is the one to
# quote: single figures of a shared machine are worth little.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
agents=${AGENTS:-100 1000 10000}
connections=${CONNECTIONS:-64}
seconds=${SECONDS_EACH:-10}
rounds=${ROUNDS:-3}
how=${HOW:-idx}
built=${CARGO_TARGET_DIR:-$here/../../target}/peers
pg=/usr/lib/postgresql/15/bin

need_postgres() {
  [ -x "$pg/initdb" ] && return
  echo "installing PostgreSQL 15 from Debian's packages"
  apt-get -qq update
  apt-get -qq -y --no-install-recommends install postgresql-15
}

# PostgreSQL does not run as root.
as_owner() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_postgres() {
  scratch=$(mktemp -d "${SCRATCH:-/var/tmp}/trunkline-peers.XXXXXX")
  trap stop EXIT
  trap 'exit 1' INT TERM
  head -c 24 /dev/urandom | base64 | tr -d '/+=\n' > "$scratch/password"
  PGPASSWORD=$(cat "$scratch/password")
  export PGPASSWORD
  [ "$(id -u)" != 0 ] || chown -R postgres "$scratch"
  port=$(free_port)
  ( cd "$scratch"
    as_owner "$pg/initdb" -D "$scratch/data" -U bench -A scram-sha-256 --pwfile "$scratch/password" -E UTF8 --no-locale > "$scratch/initdb.log"
    as_owner tee -a "$scratch/data/postgresql.conf" > /dev/null <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
shared_buffers = 1GB
max_connections = 300
max_wal_size = 4GB
wal_compression = lz4
synchronous_commit = on
fsync = on
full_page_writes = on
checkpoint_timeout = 15min
autovacuum_naptime = 5s
autovacuum_vacuum_scale_factor = 0.02
jit = off
CONF
    as_owner "$pg/pg_ctl" -D "$scratch/data" -l "$scratch/server.log" -w -t 60 -s start )
}

stop() {
  [ -z "${front:-}" ] || kill "$front" 2>/dev/null || true
  [ ! -d "$scratch/data" ] || (cd "$scratch" && as_owner "$pg/pg_ctl" -D "$scratch/data" -m immediate -s stop) || true
  rm -rf "$scratch"
}

# One run of the SQL router behind HTTP; prints the line of the load generator.
sql_router() {
  "$pg/psql" -q -h 127.0.0.1 -p "$port" -U bench -d postgres -v ON_ERROR_STOP=1 -v agents="$1" -v queues=50 \
    -v cap=$((50000 / $1 + 50)) -f "$here/router.sql" > "$scratch/psql.log" 2>&1
  local web
  web=$(free_port)
  "$built/release/pg_router" "$web" 32 "$how" "host=127.0.0.1 port=$port user=bench dbname=postgres password=$PGPASSWORD" > "$scratch/front.log" 2>&1 &
  front=$!
  for _ in $(seq 100); do grep -q ready "$scratch/front.log" && break; sleep 0.1; done
  "$here/quiet.sh" "$built/release/load" "127.0.0.1:$web" "$connections" "$seconds"
  kill "$front"
  wait "$front" 2>/dev/null || true
  front=
}

# One run of `trunkline bench`; prints its JSON object.
trunkline() {
  "$here/quiet.sh" "$TRUNKLINE_BIN" bench cycle --agents "$1" --connections "$connections" --seconds "$seconds" --peak-only --scratch "${SCRATCH:-/var/tmp}" --json
}

# The number behind a key, out of "key=1.5" or "key": 1.5
figure() { sed -n "s/.*\"\{0,1\}$1\"\{0,1\} *[=:] *\([0-9.]*\).*/\1/p" | tail -1; }
median() { sort -n | awk '{v[NR] = $1} END {print NR ? v[int((NR + 1) / 2)] : "-"}'; }

need_postgres
(cd "$here" && CARGO_TARGET_DIR="$built" cargo build --release --quiet)
start_postgres
mkdir "$scratch/sqlite"
echo "bare SQLite, the rows of a cycle and nothing else:"
"$here/quiet.sh" "$built/release/sqlite_cycle" "$scratch/sqlite" "$seconds"
for n in $agents; do
  : > "$scratch/peer"; : > "$scratch/ours"
  for round in $(seq "$rounds"); do
    echo "$n agents, round $round of $rounds"
    line=$(sql_router "$n"); echo "sql-router how=$how agents=$n connections=$connections $line"
    figure cycles_per_second <<< "$line" >> "$scratch/peer"
    [ -n "${TRUNKLINE_BIN:-}" ] || continue
    line=$(trunkline "$n"); echo "trunkline agents=$n $line"
    figure cycles_per_second <<< "$line" >> "$scratch/ours"
  done
  printf '%s %s %s\n' "$n" "$(median < "$scratch/peer")" "$(median < "$scratch/ours")" >> "$scratch/table"
done
echo
awk 'BEGIN {printf "%8s %14s %14s %8s\n", "agents", "SQL router/s", "Trunkline/s", "ratio"}
     {printf "%8d %14s %14s %8s\n", $1, $2, $3, ($3 + 0 > 0 ? sprintf("%.2f", $3 / $2) : "-")}' "$scratch/table"
