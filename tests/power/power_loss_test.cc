// Promises 1 and 2 (docs/architecture.md) under loss of power: acknowledged uploads are there, and
// stored results are stored once, whatever part of the unsynced changes survives.
//
// STORED_POWER_LOSS_ROUNDS=N runs N random rounds instead of the usual few, the first with
// STORED_POWER_LOSS_SEED (default 1). To repeat a failure, set the seed that it printed and N = 1:
// the plan and the losses are the same then, but threads may interleave differently.
// STORED_POWER_LOSS_STRIDE=N cuts the power at every N-th change instead of at as many as CI has
// time for; 1 is all of them.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "base/files/file.h"
#include "tests/power/bare_server.h"
#include "tests/power/ledger.h"
#include "tests/power/unsynced_disk.h"
#include "tests/power/unsynced_file_system.h"
#include "tests/power/unsynced_vfs.h"

namespace stored {
namespace {

using Survival = UnsyncedDisk::Survival;

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoll(value);
}

int64_t Stride(int64_t usual) { return FromEnvironment("STORED_POWER_LOSS_STRIDE", usual); }

// One data directory from its creation on, with its servers and clients.
class Machine {
 public:
  explicit Machine(const std::string& root) : disk_(root), files_(disk_), vfs_(disk_) {}

  UnsyncedDisk& disk() { return disk_; }
  Ledger& ledger() { return ledger_; }

  absl::StatusOr<std::unique_ptr<BareServer>> Start(const BareServer::Options& options) {
    return BareServer::Start(directory_, files_, options);
  }

  // Cuts the power at the `count`-th change from now on and wakes waiting clients.
  void CutPowerAt(int64_t count) {
    disk_.CutPowerAt(count, [this] { bell_.Ring(); });
  }

  // Starts a server and has the clients use it, with workers beside them if `concurrent`. If the
  // power is cut, any step may fail; otherwise all must succeed.
  void Serve(const BareServer::Options& options, bool concurrent = false) {
    absl::StatusOr<std::unique_ptr<BareServer>> server = Start(options);
    absl::Status ran = server.status();
    if (ran.ok() && concurrent) ran = (*server)->StartWorkers().status();
    if (ran.ok()) ran = ledger_.Run(**server);
    EXPECT_TRUE(ran.ok() || !disk_.powered()) << ran;
  }

  // Starts a server, checks everything and completes the remaining steps. If `twice`, cuts the
  // power in between and does it again.
  void ServeToTheEnd(const BareServer::Options& options, bool twice) {
    const bool crashes_fail = options.max_attempts == 1;
    {
      absl::StatusOr<std::unique_ptr<BareServer>> server = Start(options);
      ASSERT_TRUE(server.ok()) << "the server does not start: " << server.status();
      ledger_.VerifyDatabases();
      ledger_.Verify(**server, crashes_fail);
      if (testing::Test::HasFailure()) return;
      const absl::Status ran = ledger_.Run(**server);
      ASSERT_TRUE(ran.ok()) << ran;
      ledger_.VerifySettled();
      ledger_.Verify(**server, crashes_fail);
    }
    if (!twice) return;
    // A server that was stopped cleanly must not lose anything.
    disk_.LosePower(Survival::kNothing, 0);
    const absl::StatusOr<std::unique_ptr<BareServer>> server = Start(options);
    ASSERT_TRUE(server.ok()) << "the server does not start: " << server.status();
    ledger_.Verify(**server, crashes_fail);
  }

 private:
  UnsyncedDisk disk_;
  UnsyncedFileSystem files_;
  UnsyncedVfs vfs_;
  // Neither this directory nor its parent exists yet.
  const std::string directory_ = disk_.root() + "/srv/stored";
  Bell bell_;
  Ledger ledger_{directory_, bell_};
};

// Plans a few steps of each kind. Only one thread at a time changes anything, so the n-th change is
// nearly always the same one in every round. The exception is the checkpoint after a store: the
// next store may already be at work, and one checkpoint may then serve for both.
void PlanShort(Ledger& ledger) {
  ledger.Upload(0, "a", 0b0011);
  ledger.Upload(0, "a", 0b0110, /*broken=*/true);
  ledger.Work();
  const int first = ledger.CreateProduct("p");
  ledger.Upload(first, "a", 0b0001);
  ledger.DeleteProduct(first);
  const int second = ledger.CreateProduct("p");
  ledger.Cancel(ledger.Upload(second, "a", 0b1111));
  ledger.Upload(second, "a", 0b1000);
  ledger.Work();
}

// Plans random products and runs.
void PlanRandom(Ledger& ledger, std::mt19937_64& random) {
  const auto below = [&](uint64_t n) { return static_cast<int>(random() % n); };
  int product = 0;
  const int steps = 6 + below(12);
  for (int i = 0; i < steps; ++i) {
    const int what = below(10);
    if (what == 0 && product != 0) {
      ledger.DeleteProduct(std::exchange(product, 0));
    } else if (what == 1 && product == 0) {
      product = ledger.CreateProduct("p");
    } else if (what == 2) {
      ledger.Work();
    } else {
      const int upload = ledger.Upload(below(2) == 0 ? product : 0, below(3) == 0 ? "b" : "a",
                                       1U + static_cast<unsigned>(below(255)), below(4) == 0);
      if (below(8) == 0) ledger.Cancel(upload);
    }
  }
  ledger.Work();
}

class PowerLossTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { spdlog::set_level(spdlog::level::off); }

  // Returns a machine with an empty disk.
  std::unique_ptr<Machine> NewMachine() {
    machine_directory_.reset();
    // In memory if possible: these files need not last.
    constexpr char kMemory[] = "/dev/shm";
    absl::StatusOr<TemporaryDirectory> created =
        TemporaryDirectory::Create(::access(kMemory, W_OK) == 0 ? kMemory : "", "power-test-");
    EXPECT_TRUE(created.ok()) << created.status();
    machine_directory_ = std::make_unique<TemporaryDirectory>(*std::move(created));
    return std::make_unique<Machine>(
        std::filesystem::canonical(machine_directory_->path()).string());
  }

  // The number of changes of the checkpoints that one round may make and another may not.
  static constexpr int64_t kVaryingChanges = 60;

  // Returns the number of changes in the short plan without faults.
  int64_t ShortPlanChanges() {
    const std::unique_ptr<Machine> machine = NewMachine();
    PlanShort(machine->ledger());
    machine->Serve({});
    return machine->disk().changes();
  }

  // Runs the short plan with a loss of power at every `usual_stride`-th of its changes.
  void LosePowerEverywhere(Survival survival, int64_t usual_stride,
                           const BareServer::Options& options = {}) {
    const int64_t changes = ShortPlanChanges();
    const int64_t stride = Stride(usual_stride);
    for (int64_t n = 1; n <= changes; n += stride) {
      SCOPED_TRACE(fmt::format("power lost at change {} of {}", n, changes));
      const std::unique_ptr<Machine> machine = NewMachine();
      PlanShort(machine->ledger());
      machine->CutPowerAt(n);
      machine->Serve(options);
      // Then this round had fewer changes, and the power fails after the server has stopped.
      const bool too_few = machine->disk().powered() && machine->disk().changes() < n;
      ASSERT_TRUE(!machine->disk().powered() || (too_few && n > changes - kVaryingChanges));
      machine->disk().LosePower(survival, static_cast<uint64_t>(n));
      machine->ServeToTheEnd(options, /*twice=*/n % (8 * stride) == 1);
      if (HasFailure()) return;
    }
  }

 private:
  std::unique_ptr<TemporaryDirectory> machine_directory_;
};

TEST_F(PowerLossTest, LostAtEveryChange_NothingUnsyncedSurvives_PromisesHold) {
  LosePowerEverywhere(Survival::kNothing, 2);
}

TEST_F(PowerLossTest, LostAtEveryChange_SomeSectorsAndNamesSurvive_PromisesHold) {
  LosePowerEverywhere(Survival::kSome, 5);
}

// A store that was committed is COMPLETED, and not counted among those that crash servers.
TEST_F(PowerLossTest, LostAtEveryChange_OneAttemptPerStore_CommittedStoresComplete) {
  BareServer::Options options;
  options.max_attempts = 1;
  LosePowerEverywhere(Survival::kEverything, 11, options);
}

// A process that starts after a crash sees the unsynced changes of the one that crashed, and
// reports them to clients as durable. So a later loss of power must not undo them.
TEST_F(PowerLossTest, KilledAtEveryChange_LostAfterTheNextStart_PromisesHold) {
  const int64_t changes = ShortPlanChanges();
  // All of the first changes, which make directories: each of those can be left incomplete at one
  // place only.
  for (int64_t n = 1; n <= changes; n += n < 20 ? 1 : Stride(9)) {
    SCOPED_TRACE(fmt::format("killed at change {} of {}", n, changes));
    const std::unique_ptr<Machine> machine = NewMachine();
    PlanShort(machine->ledger());
    machine->CutPowerAt(n);
    machine->Serve({});
    machine->disk().Restart();
    {
      const absl::StatusOr<std::unique_ptr<BareServer>> server = machine->Start({});
      ASSERT_TRUE(server.ok()) << server.status();
      machine->ledger().Verify(**server);
      const absl::Status sent = machine->ledger().SendAgain(**server);
      ASSERT_TRUE(sent.ok()) << sent;
      machine->CutPowerAt(1);
    }
    machine->disk().LosePower(Survival::kNothing, 0);
    machine->ServeToTheEnd({}, /*twice=*/false);
    if (HasFailure()) return;
  }
}

// Plans, ends and losses at random, with clients and workers at once.
TEST_F(PowerLossTest, LostAtRandom_ManyAtOnce_PromisesHold) {
  const int64_t rounds = FromEnvironment("STORED_POWER_LOSS_ROUNDS", 40);
  const int64_t first_seed = FromEnvironment("STORED_POWER_LOSS_SEED", 1);
  for (int64_t seed = first_seed; seed < first_seed + rounds; ++seed) {
    SCOPED_TRACE(fmt::format("STORED_POWER_LOSS_SEED={}", seed));
    std::mt19937_64 random(static_cast<uint64_t>(seed));
    const std::unique_ptr<Machine> machine = NewMachine();
    PlanRandom(machine->ledger(), random);
    BareServer::Options options;
    options.workers = 2;
    // No more losses than a store has attempts.
    for (uint64_t losses = 1 + random() % 2; losses > 0; --losses) {
      // Often during the start.
      machine->CutPowerAt(static_cast<int64_t>(1 + random() % (random() % 3 == 0 ? 50 : 600)));
      machine->Serve(options, /*concurrent=*/true);
      if (random() % 4 == 0) {
        machine->disk().Restart();
      } else {
        machine->disk().LosePower(static_cast<Survival>(random() % 3), random());
      }
    }
    machine->ServeToTheEnd(options, /*twice=*/seed % 2 == 0);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace stored
