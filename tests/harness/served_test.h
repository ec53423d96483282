#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/files/file.h"
#include "base/testing/build_paths.h"
#include "stored/v1/report_service.pb.h"
#include "stored/v1/store_service.pb.h"
#include "tests/harness/child.h"

namespace stored::tests {

// A test with a real server, on a unix socket and a directory of its own, and a real storectl.
class ServedTest : public testing::Test {
 protected:
  void SetUp() override;

  // Starts the server with --data, --listen, --log-level and `arguments`.
  void StartServer(const std::vector<std::string>& arguments = {});
  // Sends SIGTERM to the server and waits for its end.
  void StopServer();

  // Runs storectl, with --server at the right place.
  Ended Storectl(std::vector<std::string> arguments, const std::string& input = "");
  // Runs storectl upload with -o json; fails the test unless it exits with 0.
  v1::StoreStatus Upload(std::vector<std::string> arguments, const std::string& input = "");
  // Uploads without waiting for the outcome. Returns the token.
  std::string UploadNoBlock(const std::string& path, const std::string& run,
                            const std::vector<std::string>& more = {});
  // Return a store's status as `storectl status` and `storectl wait` print it. Wait() waits for
  // most of kTestPatience.
  v1::StoreStatus Status(const std::string& token);
  v1::StoreStatus Wait(const std::string& token);
  // Waits until the spool is empty, because the server removes a payload just after it has reported
  // the end of its store. Returns false if the spool stays filled.
  bool SpoolIsEmpty() const;
  // Returns all reports of a run, bug paths included, by report id.
  std::vector<v1::Report> Reports(const std::string& run,
                                  const std::vector<std::string>& more = {});
  // Returns the reports of a run as clients see them: as text, without ids and times, sorted.
  // `more` are arguments of `storectl reports`.
  std::vector<std::string> Rows(const std::string& run, const std::vector<std::string>& more = {});

  // Return a path in the test's own directory, and write a file there.
  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }
  std::string WriteFile(const std::string& name, std::string_view content) const;

  std::string address() const { return "unix:" + Path("socket"); }
  std::string data() const { return Path("data"); }
  Child& server() { return *server_; }

  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<Child> server_;
  // Environment variables of the next server, beside this test's own environment.
  std::map<std::string, std::string> server_environment_;
};

// Returns the path of the maker of large corpora that some developers have beside the project.
// Returns an empty string if it is missing; tests that need it skip then.
std::string CorpusMaker();

// Returns the smallest plist with one diagnostic in it, reported in `file`.
std::string SmallPlist(const std::string& file, const std::string& message = "a message",
                       const std::string& hash = "0123456789abcdef0123456789abcdef");
// Returns the smallest SARIF log with one result in it.
std::string SmallSarif(const std::string& file, const std::string& message = "a message");
// Returns a log with this many results, in 1,000 files, which takes a while to store. Logs that
// differ in `word` have no result in common.
std::string LargeSarif(int results, const std::string& word = "message");

// Parses what `storectl -o json` printed about a store.
v1::StoreStatus ParseStatus(const std::string& json);

}  // namespace stored::tests
