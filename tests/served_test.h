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
#include "tests/child.h"

namespace stored::tests {

// A test with a real server, on a unix socket and a directory of its own, and a real storectl.
class ServedTest : public testing::Test {
 protected:
  void SetUp() override;

  // Starts the server; more arguments than --data, --listen and --log-level come from `arguments`.
  void StartServer(const std::vector<std::string>& arguments = {});
  // SIGTERM, and the end.
  void StopServer();

  // storectl, with --server where it belongs.
  Ended Storectl(std::vector<std::string> arguments, const std::string& input = "");
  // storectl upload with -o json; fails the test unless it exits with 0.
  v1::StoreStatus Upload(std::vector<std::string> arguments, const std::string& input = "");
  // The same without waiting; the token.
  std::string UploadNoBlock(const std::string& path, const std::string& run,
                            const std::vector<std::string>& more = {});
  // What storectl status, and storectl wait within most of kTestPatience, say of a store.
  v1::StoreStatus Status(const std::string& token);
  v1::StoreStatus Wait(const std::string& token);
  // Returns whether the spool is empty, or becomes so: a payload goes just after its store's
  // end has been told.
  bool SpoolIsEmpty() const;
  // All reports of a run, bug paths included; by report id.
  std::vector<v1::Report> Reports(const std::string& run,
                                  const std::vector<std::string>& more = {});
  // What the run looks like from outside: its reports as text, without ids and times, sorted.
  // `more` are arguments of `storectl reports`.
  std::vector<std::string> Rows(const std::string& run, const std::vector<std::string>& more = {});

  // A path in the test's own directory, and a file there.
  std::string Path(const std::string& name) const { return directory_->path() + "/" + name; }
  std::string WriteFile(const std::string& name, std::string_view content) const;

  std::string address() const { return "unix:" + Path("socket"); }
  std::string data() const { return Path("data"); }
  Child& server() { return *server_; }

  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<Child> server_;
  // What the next server finds set beside this test's own environment.
  std::map<std::string, std::string> server_environment_;
};

// The maker of large corpora that some developers have beside the project; empty where it is not
// there, and tests that need it skip.
std::string CorpusMaker();

// The smallest plist there is with one diagnostic in it. `file` is where it is reported.
std::string SmallPlist(const std::string& file, const std::string& message = "a message",
                       const std::string& hash = "0123456789abcdef0123456789abcdef");
// The smallest SARIF log with one result in it.
std::string SmallSarif(const std::string& file, const std::string& message = "a message");
// A log with so many results, in 1,000 files, that takes a while to be stored. Logs with another
// `word` in their messages have none in common.
std::string LargeSarif(int results, const std::string& word = "message");

// What `storectl -o json` printed about a store.
v1::StoreStatus ParseStatus(const std::string& json);

}  // namespace stored::tests
