#!/usr/bin/env bash
# Stores sequences of report directories into CodeChecker's own server and into stored, and compares
# rows, detection and review statuses and severities after each store (codechecker/compare.py). If
# clang is installed, CodeChecker itself makes one of the directories.
. "$(dirname "$0")/harness/tools_for_tests.sh"

CODECHECKER_VERSION=6.29
venv=$TOOLS_DIR/codechecker
CodeChecker=$(command -v CodeChecker || true)
if [ -z "$CodeChecker" ]; then
  CodeChecker=$venv/bin/CodeChecker
  if [ ! -x "$CodeChecker" ]; then
    python3 -m venv "$venv" >"$WORK/venv.log" 2>&1 || skip "python3 has no venv"
    timeout 300 "$venv/bin/pip" install --quiet "codechecker~=$CODECHECKER_VERSION.0" \
      >"$WORK/pip.log" 2>&1 || {
      rm -rf "$venv"
      skip "CodeChecker cannot be installed: $(tail -n 1 "$WORK/pip.log")"
    }
  fi
  PATH=$venv/bin:$PATH
fi

export HOME=$WORK/home TMPDIR=$WORK PYTHONDONTWRITEBYTECODE=1
mkdir -p "$HOME" "$WORK/project" "$WORK/compared"

# A small analysis: a finding in a header comes with both of the files that include it.
analyze() {
  local name
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
  CC_ANALYZER_BIN="clangsa:$(command -v clang-14);clang-tidy:$(command -v clang-tidy-14)" \
    timeout 120 "$CodeChecker" analyze "$WORK/project/compile_commands.json" -o "$WORK/reports" \
    --analyzers clangsa clang-tidy --enable sensitive >"$WORK/analyze.log" 2>&1 || true
  ls "$WORK"/reports/*.plist >/dev/null 2>&1 || { cat "$WORK/analyze.log"; fail "no plists were made"; }
}

analyzed=()
if command -v clang-14 >/dev/null && command -v clang-tidy-14 >/dev/null; then
  analyze
  analyzed=(--reports "$WORK/reports")
else
  echo "clang-14 and clang-tidy-14 are not installed: no analysis by CodeChecker itself is compared"
fi
timeout 500 python3 "$(dirname "$0")/codechecker/compare.py" "$CodeChecker" "$BINARY_DIR" \
  "$WORK/compared" "${analyzed[@]}" "$@" || fail "stored and CodeChecker differ"
