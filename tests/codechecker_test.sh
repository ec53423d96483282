#!/usr/bin/env bash
# A report directory that CodeChecker just made has as many reports here as CodeChecker's own store
# says; and so has the very zip that its client uploads.
. "$(dirname "$0")/tools_for_tests.sh"

CODECHECKER_VERSION=6.29
venv=$TOOLS_DIR/codechecker
CodeChecker=$(command -v CodeChecker || true)
if [ -z "$CodeChecker" ]; then
  CodeChecker=$venv/bin/CodeChecker
  if [ ! -x "$CodeChecker" ]; then
    python3 -m venv "$venv" >"$WORK/venv.log" 2>&1 || skip "python3 has no venv here"
    "$venv/bin/pip" install --quiet "codechecker~=$CODECHECKER_VERSION.0" >"$WORK/pip.log" 2>&1 || {
      rm -rf "$venv"
      skip "CodeChecker cannot be installed: $(tail -n 1 "$WORK/pip.log")"
    }
  fi
fi
[ -x "$venv/bin/python3" ] && PATH=$venv/bin:$PATH
command -v clang-tidy-14 >/dev/null || skip "clang-tidy-14 is not here"
command -v clang-14 >/dev/null || skip "clang-14 is not here"

export HOME=$WORK/home TMPDIR=$WORK CC_ANALYZER_BIN="clangsa:$(command -v clang-14);clang-tidy:$(command -v clang-tidy-14)"
mkdir -p "$HOME" "$WORK/project"
cat >"$WORK/project/shared.h" <<'SOURCE'
#pragma once
static inline int divide(int a, int b) { if (b == 0) { a = 1; } return a / b; }
SOURCE
for name in one two; do
  cat >"$WORK/project/$name.cpp" <<SOURCE
#include "shared.h"
#include <cstdlib>
int $name(int x) {
  int unused = x;
  unused = 3;
  char *p = (char *)malloc(10);
  if (x > 3) return divide(x, 0);
  p[0] = 'a';
  return x;
}
SOURCE
done
cat >"$WORK/project/compile_commands.json" <<JSON
[{"directory": "$WORK/project", "command": "clang++-14 -c one.cpp", "file": "$WORK/project/one.cpp"},
 {"directory": "$WORK/project", "command": "clang++-14 -c two.cpp", "file": "$WORK/project/two.cpp"}]
JSON
timeout 120 "$CodeChecker" analyze "$WORK/project/compile_commands.json" -o "$WORK/reports" \
  --analyzers clangsa clang-tidy --enable sensitive >"$WORK/analyze.log" 2>&1 || true
ls "$WORK"/reports/*.plist >/dev/null 2>&1 || { cat "$WORK/analyze.log"; fail "no plists were made"; }

# CodeChecker's own server, on a port that was free a moment ago.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$CodeChecker" server --workspace "$WORK/workspace" --port "$port" --host 127.0.0.1 \
  --skip-db-cleanup >"$WORK/server.log" 2>&1 &
STARTED+=($!)
theirs=
for _ in $(seq 60); do
  if timeout 60 "$CodeChecker" store "$WORK/reports" --name peer \
    --url "http://127.0.0.1:$port/Default" >"$WORK/store.log" 2>&1; then
    theirs=$(timeout 60 "$CodeChecker" cmd results peer --url "http://127.0.0.1:$port/Default" \
      -o json --uniqueing off 2>"$WORK/results.log" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))')
    break
  fi
  sleep 1
done
[ -n "$theirs" ] || { tail -n 20 "$WORK/store.log" "$WORK/server.log"; fail "CodeChecker's store"; }
[ "$theirs" -gt 0 ] || fail "CodeChecker stored nothing: the test would prove nothing"

start_stored "unix:$WORK/socket"
count() {
  timeout 60 "$BINARY_DIR/storectl" --server "$LISTENING" -o json "$@" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["result"]["newReports"])'
}
ours=$(count upload "$WORK/reports" --name peer --source-root "$WORK/project")
[ "$ours" = "$theirs" ] || fail "CodeChecker has $theirs reports, stored has $ours"
echo "CodeChecker and stored both have $ours reports: passed"
