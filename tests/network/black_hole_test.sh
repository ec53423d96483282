#!/usr/bin/env bash
# A network that swallows packets, made of namespaces: the client, a router and the server. While
# the router does not forward, packets are lost without an error: neither the programs nor the
# kernels at both ends are told.
. "$(dirname "$0")/../harness/tools_for_tests.sh"

command -v ip >/dev/null || skip "ip is not installed (apt-get install iproute2)"
[ "$(id -u)" = 0 ] || skip "only root can make network namespaces"

CLIENT=stored-client-$$
ROUTER=stored-router-$$
SERVER=stored-server-$$
remove_network() {
  local namespace
  for namespace in $CLIENT $ROUTER $SERVER; do
    ip netns pids "$namespace" 2>/dev/null | xargs -r kill -KILL 2>/dev/null || true
    ip netns del "$namespace" 2>/dev/null || true
  done
}
trap 'clean_up; remove_network' EXIT

for namespace in $CLIENT $ROUTER $SERVER; do
  ip netns add "$namespace" 2>"$WORK/ip.log" ||
    skip "network namespaces cannot be made: $(cat "$WORK/ip.log")"
  ip -n "$namespace" link set lo up
done
# connect NAMESPACE NETWORK: makes a wire to the router, which has the address NETWORK.1.
connect() {
  ip -n "$ROUTER" link add "to-$2" type veth peer name wire netns "$1" 2>"$WORK/ip.log" ||
    skip "this kernel has no virtual wires: $(cat "$WORK/ip.log")"
  ip -n "$ROUTER" addr add "10.77.$2.1/24" dev "to-$2"
  ip -n "$ROUTER" link set "to-$2" up
  ip -n "$1" addr add "10.77.$2.2/24" dev wire
  ip -n "$1" link set wire up
  ip -n "$1" route add default via "10.77.$2.1"
}
connect "$CLIENT" 1
connect "$SERVER" 2
# Limits the rate, if the kernel supports that, so that the test sees an upload when half of it has
# arrived.
ip netns exec "$ROUTER" tc qdisc add dev to-2 root tbf rate 100mbit burst 128kb latency 200ms \
  2>/dev/null || true
forward() { ip netns exec "$ROUTER" sh -c "echo $1 >/proc/sys/net/ipv4/ip_forward"; }
forward 1

ADDRESS=10.77.2.2:50051
: >"$WORK/stored.log"
ip netns exec "$SERVER" "$BINARY_DIR/stored" --data "$WORK/data" --listen "$ADDRESS" \
  --listen "unix:$WORK/socket" >>"$WORK/stored.log" 2>&1 &
STARTED+=($!)

# far ARGUMENT...: runs storectl beyond the router; near: beside the server.
far() { ip netns exec "$CLIENT" timeout 100 "$BINARY_DIR/storectl" --server "$ADDRESS" "$@"; }
near() { timeout 100 "$BINARY_DIR/storectl" --server "unix:$WORK/socket" "$@"; }

await 120 near -q runs >/dev/null 2>&1 || fail "the server does not start: $(cat "$WORK/stored.log")"
far -q runs >/dev/null || fail "the network does not work"

# make_reports RUN MEGABYTES: makes a report directory with a source that does not compress.
make_reports() {
  mkdir -p "$WORK/$1"
  local n
  for n in 1 2 3 4; do
    head -c "$2"000000 /dev/urandom >"$WORK/$1/$n.c"
    cat >"$WORK/$1/$n.plist" <<PLIST
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>files</key><array><string>$WORK/$1/$n.c</string></array>
<key>diagnostics</key><array><dict>
<key>check_name</key><string>a.checker</string>
<key>category</key><string>a</string>
<key>description</key><string>a message</string>
<key>location</key><dict><key>line</key><integer>1</integer><key>col</key><integer>1</integer>
<key>file</key><integer>0</integer></dict>
<key>path</key><array/>
</dict></array></dict></plist>
PLIST
  done
}

# half_here: succeeds if some of an upload has arrived, and not all.
half_here() {
  local size
  size=$(stat -c %s "$WORK"/data/spool/*.part 2>/dev/null | tail -n 1)
  [ "${size:-0}" -gt 2000000 ]
}

# start NAME ARGUMENT...: runs storectl beyond the router in the background; writes its exit code
# and the seconds that it took to NAME.end.
start() {
  local name=$1
  shift
  (
    begin=$SECONDS
    code=0
    far "$@" >"$WORK/$name.out" 2>&1 || code=$?
    echo "$code $((SECONDS - begin))" >"$WORK/$name.end"
  ) &
  STARTED+=($!)
}

# expect NAME CODE SECONDS: fails unless it ends with CODE within SECONDS from now.
expect() {
  local code took
  await "$3" test -s "$WORK/$1.end" || fail "$1 has not ended after $3 s: $(cat "$WORK/$1.out")"
  read -r code took <"$WORK/$1.end"
  [ "$code" = "$2" ] || fail "$1 ended with $code after $took s: $(cat "$WORK/$1.out")"
  echo "  $1: exit code $code after $took s"
}

# stored_once RUN: fails unless the run has exactly one store, which is COMPLETED.
stored_once() {
  local stores
  stores=$(near -o json stores --run "$1" | tr -d ' \n' | grep -o '"state":"[A-Z_]*"')
  [ "$stores" = '"state":"STORE_STATE_COMPLETED"' ] || fail "stores into $1: $stores"
}

# A silence of some seconds, from which TCP itself recovers.
make_reports short 14
start upload-5s upload "$WORK/short" --name short
await 100 half_here || fail "the upload does not arrive: $(cat "$WORK/upload-5s.out")"
forward 0
sleep 5
forward 1
expect upload-5s 0 100
stored_once short

# A silence that is longer than keepalive waits before it drops a connection. The watched store ends
# during it: a lock on the database holds the store until the watcher has seen it run.
make_reports watched 1
python3 - "$WORK" <<'PYTHON' &
import os, sqlite3, sys, time
work = sys.argv[1]
lock = sqlite3.connect(work + "/data/products/default.db", isolation_level=None)
lock.execute("BEGIN IMMEDIATE")
open(work + "/locked", "w").close()
while not os.path.exists(work + "/unlock"):
    time.sleep(0.01)
PYTHON
STARTED+=($!)
await 100 test -e "$WORK/locked" || fail "the database cannot be locked"
token=$(near -q upload "$WORK/watched" --name watched --no-block)
start watch -v wait --watch "$token"
await 100 grep -qs running "$WORK/watch.out" || fail "no watch: $(cat "$WORK/watch.out")"
make_reports long 14
start upload-32s upload "$WORK/long" --name long
await 100 half_here || fail "the upload does not arrive: $(cat "$WORK/upload-32s.out")"
forward 0
begin=$SECONDS
touch "$WORK/unlock"
start poll -v wait "$token"
start limited wait --timeout 4s "$token"
start limited-watch wait --watch --timeout 4s "$token"
# These two must end before the network is back.
expect limited 4 20
expect limited-watch 4 20
near -q wait "$token" >/dev/null || fail "the store does not end"
# The silence lasts at least 32 s; the steps above usually take longer.
rest=$((32 - (SECONDS - begin)))
[ $rest -le 0 ] || sleep $rest
forward 1
# A client that reconnects may make its next attempt in 8 s; one that asked just before may get its
# answer in 10 s.
for name in watch poll upload-32s; do expect $name 0 100; done
stored_once watched
stored_once long
echo "black hole: passed"
