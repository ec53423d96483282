#!/usr/bin/env bash
# Stores and exports the logs of real tools and compares them with another reader
# (sarif_logs/README.md).
. "$(dirname "$0")/harness/tools_for_tests.sh"

command -v python3 >/dev/null || skip "python3 is not installed"
PYTHONDONTWRITEBYTECODE=1 timeout 120 python3 "$(dirname "$0")/sarif_logs/sarif_logs_test.py" \
  "$BINARY_DIR" "$WORK" "$@" || fail "the reports differ from the logs"
