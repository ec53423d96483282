#!/usr/bin/env bash
# Runs a test script with its arguments. Exit code 77 says that the script has skipped itself, and
# Bazel has no such result, so the test passes then; its log says why it was skipped.
set -uo pipefail
STORED_BINARY_DIR=$PWD/$STORED_BINARY_DIR "$@"
code=$?
[ $code = 77 ] && exit 0
exit $code
