#include "tools/testing/storectl_fixture.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "reports/bundle/bundle_reader.h"
#include "tools/commands/command_line.h"
#include "tools/terminal/output.h"

namespace stored::tools {

void StorectlTest::SetUp() {
  absl::StatusOr<TemporaryDirectory> directory = TemporaryDirectory::Create("", "storectl-test-");
  ASSERT_TRUE(directory.ok());
  directory_.emplace(*std::move(directory));
  Write("results.sarif", kSarif);
  Write("a.c", kSource);
  server_.on_find_missing = [](const v1::FindMissingSourcesRequest& request,
                               v1::FindMissingSourcesResponse& response) {
    *response.mutable_sha256() = request.sha256();
    return grpc::Status::OK;
  };
  server_.accepted_status.set_state(v1::STORE_STATE_ENQUEUED);
  server_.accepted_status.set_in_progress(true);
  SetState(v1::STORE_STATE_COMPLETED);
}

void StorectlTest::Write(const std::string& name, std::string_view text) const {
  std::ofstream(Path(name), std::ios::binary) << text;
}

void StorectlTest::SetState(v1::StoreState state) {
  server_.on_get_status = [state](const std::string& token, v1::StoreStatus& status) {
    status.set_token(token);
    status.set_run_name("nightly");
    status.set_state(state);
    if (state == v1::STORE_STATE_COMPLETED) {
      status.mutable_result()->set_reports(2);
      status.mutable_result()->set_new_reports(2);
    } else if (state == v1::STORE_STATE_FAILED) {
      status.mutable_error()->set_message("x.plist: not XML");
    } else {
      status.set_in_progress(true);
    }
    return grpc::Status::OK;
  };
}

int StorectlTest::Run(std::vector<std::string> arguments) {
  std::ostringstream out;
  std::ostringstream err;
  Output output(out, err, 0);
  const int code = RunStorectl(std::move(arguments), server_.address(), output, clock_, nullptr);
  out_ = out.str();
  err_ = err.str();
  return code;
}

BundleContents StorectlTest::Bundle(const std::string& upload_id) const {
  Write("bundle", server_.upload(upload_id).bytes);
  BundleContents contents;
  EXPECT_TRUE(reports::BundleReader(Path("bundle"), {}).ReadInto(contents).ok());
  return contents;
}

}  // namespace stored::tools
