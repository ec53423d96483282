#include "tests/network/proxied_test.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/time/clock.h"

namespace stored::tests {
namespace {

// The size of storectl's chunks.
constexpr uintmax_t kChunkBytes = 1 << 20;

}  // namespace

bool Await(const std::function<bool()>& condition, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

void ProxiedTest::SetUp() {
  ServedTest::SetUp();
  network_ = NewNetwork();
}

std::unique_ptr<FaultProxy> ProxiedTest::NewNetwork() const {
  return std::make_unique<FaultProxy>("127.0.0.1:0", address());
}

ProxiedTest::Client ProxiedTest::Start(FaultProxy& network, std::vector<std::string> arguments) {
  Client client;
  for (const std::string& argument : arguments) client.command += " " + argument;
  std::vector<std::string> command = {BinaryPath("storectl"), "--server", network.address()};
  command.insert(command.end(), std::make_move_iterator(arguments.begin()),
                 std::make_move_iterator(arguments.end()));
  client.started = absl::Now();
  client.process = std::make_unique<Child>(command, Path(fmt::format("client-{}.log", ++clients_)),
                                           client_environment_);
  return client;
}

void ProxiedTest::ExpectEnd(Client& client, int exit_code, absl::Duration limit) {
  const std::optional<int> code = client.child().WaitForEnd(limit);
  const absl::Duration took = absl::Trunc(absl::Now() - client.started, absl::Milliseconds(1));
  EXPECT_EQ(code, exit_code) << "storectl" << client.command << ", after " << took << ":\n"
                             << client.child().Output();
  std::cout << fmt::format("  {} storectl{}\n", absl::FormatDuration(took), client.command);
}

void ProxiedTest::ExpectUpload(std::vector<std::string> arguments, absl::Duration limit) {
  arguments.insert(arguments.begin(), "upload");
  Client client = Start(std::move(arguments));
  ExpectEnd(client, 0, limit);
}

std::string ProxiedTest::WriteReports(const std::string& name, int files, size_t source_bytes) {
  for (int i = 0; i < files; ++i) {
    const std::string source = fmt::format("{}/{}.c", name, i);
    std::mt19937_64 random(std::hash<std::string>()(source));
    std::string content(source_bytes, '\0');
    for (char& c : content) c = static_cast<char>(random());
    WriteFile(source, content);
    WriteFile(fmt::format("{}/{}.plist", name, i),
              SmallPlist(Path(source), "a message", fmt::format("{:032x}", random())));
  }
  return Path(name);
}

std::string ProxiedTest::LargeReports(const std::string& run) {
  return WriteReports(run, kLargeReports, size_t{480} << 10);
}

ProxiedTest::Client ProxiedTest::StartHalfUpload(const std::string& run, int64_t bytes) {
  const std::string reports = LargeReports(run);
  const int before = network().counts().silenced;
  network().SilenceAfter(FaultProxy::kToServer, bytes);
  Client client = Start({"upload", reports, "--name", run});
  EXPECT_TRUE(Await([&] { return network().counts().silenced > before; }));
  // The server need not have read all that the proxy forwarded. A test that stops the server next
  // needs at least one chunk on its disk.
  EXPECT_TRUE(Await([&] {
    const std::vector<std::string> parts = Spooled(".part");
    if (parts.empty()) return false;
    std::error_code error;
    const uintmax_t size = std::filesystem::file_size(data() + "/spool/" + parts.front(), error);
    return !error && size >= kChunkBytes;
  }));
  return client;
}

void ProxiedTest::RestartServer() {
  log_before_ += server().Output();
  StartServer();
}

std::string ProxiedTest::UploadOne(const std::string& run) {
  return UploadNoBlock(WriteReports(run, 1, 10), run);
}

ProxiedTest::HeldStore ProxiedTest::HoldStore(const std::string& run) {
  HeldStore held;
  held.lock = std::make_unique<HeldLock>(data() + "/products/default.db");
  held.token = UploadOne(run);
  EXPECT_TRUE(Await([&] { return Status(held.token).state() == v1::STORE_STATE_RUNNING; }));
  return held;
}

ProxiedTest::HeldStore ProxiedTest::HoldStoreLong(const std::string& run) {
  HeldStore held = HoldStore(run);
  // The store's worker is done soon but cannot record that.
  held.lock = std::make_unique<HeldLock>(data() + "/meta.db");
  return held;
}

ProxiedTest::Arrived ProxiedTest::ArrivedIn(const std::string& log, const std::string& run) {
  Arrived arrived;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" Upload from ") == std::string::npos) continue;
    if (line.find(fmt::format(" run={} ", run)) == std::string::npos) continue;
    constexpr std::string_view kBytes = " bytes=";
    const size_t at = line.find(kBytes);
    if (at == std::string::npos) continue;
    ++arrived.calls;
    arrived.bytes += std::atoll(line.c_str() + at + kBytes.size());
    if (line.find(": OK in ") != std::string::npos) ++arrived.accepted;
  }
  return arrived;
}

v1::StoreStatus ProxiedTest::ExpectStoredOnce(const std::string& run, int reports) {
  v1::ListStoresResponse stores;
  const Ended listed = Storectl({"-o", "json", "stores", "--run", run});
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(listed.out, &stores).ok()) << listed.err;
  EXPECT_EQ(stores.stores_size(), 1) << run;
  if (stores.stores_size() != 1) return {};
  const v1::StoreStatus& store = stores.stores(0);
  EXPECT_EQ(store.state(), v1::STORE_STATE_COMPLETED) << store.ShortDebugString();
  EXPECT_EQ(store.result().new_reports(), reports);
  v1::ListRunsResponse runs;
  const Ended found = Storectl({"-o", "json", "runs", "--run", run});
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(found.out, &runs).ok()) << found.err;
  EXPECT_EQ(runs.runs_size(), 1) << run;
  for (const v1::Run& found_run : runs.runs()) EXPECT_EQ(found_run.store_count(), 1);
  EXPECT_EQ(Reports(run).size(), static_cast<size_t>(reports));
  return store;
}

std::vector<std::string> ProxiedTest::Spooled(const std::string& suffix) const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(data() + "/spool")) {
    std::string name = entry.path().filename().string();
    if (name.ends_with(suffix)) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace stored::tests
