#!/usr/bin/env bash
# The server as grpcurl sees it: reflection, a call, and an upload typed as JSON.
. "$(dirname "$0")/harness/tools_for_tests.sh"

GRPCURL_VERSION=v1.8.9
grpcurl=$(command -v grpcurl || true)
if [ -z "$grpcurl" ]; then
  grpcurl=$TOOLS_DIR/bin/grpcurl
  if [ ! -x "$grpcurl" ]; then
    command -v go >/dev/null || skip "neither grpcurl nor Go, which could install it, is installed"
    GOBIN=$TOOLS_DIR/bin go install "github.com/fullstorydev/grpcurl/cmd/grpcurl@$GRPCURL_VERSION" \
      >"$WORK/go.log" 2>&1 || skip "grpcurl cannot be installed: $(tail -n 1 "$WORK/go.log")"
  fi
fi

start_stored 127.0.0.1:0
call() { timeout 100 "$grpcurl" -plaintext "$@"; }

services=$(call "$LISTENING" list)
for service in stored.v1.StoreService stored.v1.ReportService stored.v1.ProductService \
  grpc.health.v1.Health grpc.reflection.v1alpha.ServerReflection; do
  grep -qx "$service" <<<"$services" || fail "list lacks $service: $services"
done

call "$LISTENING" describe stored.v1.StoreService | grep -q 'rpc WatchStatus' ||
  fail "describe does not show WatchStatus"

health=$(call "$LISTENING" grpc.health.v1.Health/Check)
grep -q '"SERVING"' <<<"$health" || fail "health: $health"

cat >"$WORK/log.sarif" <<'SARIF'
{"version": "2.1.0", "runs": [{
  "tool": {"driver": {"name": "by-hand", "version": "1"}},
  "results": [{
    "ruleId": "typed", "level": "error", "message": {"text": "typed by hand"},
    "locations": [{"physicalLocation": {
      "artifactLocation": {"uri": "src/a.c"}, "region": {"startLine": 3, "startColumn": 5}}}]}]}]}
SARIF
size=$(wc -c <"$WORK/log.sarif")
sha256=$(sha256sum "$WORK/log.sarif" | cut -d ' ' -f 1)
token=$(call -d @ "$LISTENING" stored.v1.StoreService/Upload <<JSON | sed -n 's/^  "token": "\(.*\)",/\1/p'
{"header": {"run_name": "typed", "format": "PAYLOAD_FORMAT_SARIF"}}
{"chunk": {"offset": 0, "data": "$(base64 -w 0 "$WORK/log.sarif")"}}
{"trailer": {"size": $size, "sha256": "$sha256"}}
JSON
)
[ ${#token} = 32 ] || fail "the upload gives no token: '$token'"

timeout 100 "$BINARY_DIR/storectl" --server "$LISTENING" wait "$token" >/dev/null || fail "wait"
# Field names are those of the proto or in lowerCamelCase, depending on the reflection service.
status=$(call -d "{\"token\": \"$token\"}" "$LISTENING" stored.v1.StoreService/GetStatus)
grep -q '"state": "STORE_STATE_COMPLETED"' <<<"$status" || fail "status: $status"
grep -Eq '"new_?[rR]eports": 1' <<<"$status" || fail "status: $status"
reports=$(call -d '{"run_name": "typed"}' "$LISTENING" stored.v1.ReportService/ListReports)
grep -Eq '"file_?[pP]ath": "src/a.c"' <<<"$reports" || fail "reports: $reports"
grep -q '"severity": "SEVERITY_HIGH"' <<<"$reports" || fail "reports: $reports"
echo "grpcurl: passed"
