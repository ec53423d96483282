# Sourced by tests that need a program from elsewhere. The program is installed below build/tools,
# once, from the registry of its language. If that is impossible, the test is skipped (exit code
# 77).
set -euo pipefail

SOURCE_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TOOLS_DIR=${STORED_TOOLS_DIR:-$SOURCE_DIR/build/tools}
BINARY_DIR=${STORED_BINARY_DIR:-$SOURCE_DIR/build/release/bin}

skip() {
  echo "skipped: $*"
  exit 77
}

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# A directory for the test, and the processes that it starts; both are removed when it ends.
WORK=$(mktemp -d "${TMPDIR:-/tmp}/stored-test-XXXXXX")
STARTED=()
clean_up() {
  local pid
  for pid in "${STARTED[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$WORK"
}
trap clean_up EXIT

# await SECONDS COMMAND...: repeats the command until it succeeds; fails if it does not within
# SECONDS. Be generous: only a failure waits for all of the time, and a busy machine may take many
# times as long as an idle one.
await() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.01
  done
}

# Sets LISTENING to the address in the server's log; fails while the log has none.
find_address() {
  LISTENING=$(sed -n 's/.*listening on \([^,]*\),.*/\1/p' "$WORK/stored.log")
  [ -n "$LISTENING" ]
}

# start_stored ADDRESS: sets LISTENING to the address that the server listens on.
start_stored() {
  # Creates the log now: the background process may not have created it yet when it is read.
  : >"$WORK/stored.log"
  "$BINARY_DIR/stored" --data "$WORK/data" --listen "$1" >>"$WORK/stored.log" 2>&1 &
  STARTED+=($!)
  await 120 find_address && return
  cat "$WORK/stored.log" >&2
  fail "the server does not start"
}
