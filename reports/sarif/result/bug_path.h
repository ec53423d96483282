#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "reports/limits.h"
#include "reports/report.h"
#include "reports/result_file.h"
#include "reports/sarif/location/files.h"
#include "reports/sarif/location/logical.h"
#include "reports/sarif/result/result.h"

namespace stored::reports::sarif {

// Makes the bug path, the notes and the further paths of one report of what a result says of
// places.
//
// The first code flow that has steps is the bug path; without one, the first stack, which leads to
// the finding itself; without either, the finding alone. All other code flows and stacks are
// further paths, and all other locations notes. What is in no file is at the file without a path.
class BugPathBuilder {
 public:
  // Makes the text of a message.
  using Render = absl::FunctionRef<absl::StatusOr<std::string>(Message)>;

  // All outlive the builder. `report` has its location and message; what is given by an offset goes
  // to `offset_places`.
  BugPathBuilder(Render render, ArtifactFiles& files, const LogicalLocations& logical_locations,
                 CopyBudget& budget, const Limits& limits, Report& report,
                 std::vector<OffsetPlace>& offset_places)
      : render_(render),
        files_(files),
        logical_locations_(logical_locations),
        budget_(budget),
        limits_(limits),
        report_(report),
        path_(report.bug_path),
        offset_places_(offset_places) {}

  // `main` is the place of the report's own location among result.locations, if it is one of them.
  absl::Status Build(Result& result, std::optional<size_t> main);

  // How many notes, or steps of further paths, were left out because there are too many.
  uint64_t left_out() const { return left_out_; }

 private:
  // A list of events that is being made.
  struct List {
    std::vector<BugPathEvent>& events;
    OffsetPlace::In in;
    // Among further paths.
    uint32_t path = 0;
  };

  // The event that is the finding itself.
  void AddFinding(const Result& result, std::optional<size_t> main);
  absl::Status AddLocations(Result& result, std::optional<size_t> main);
  absl::Status AddFlow(CodeFlow& flow);
  absl::Status AddStack(Stack& stack);
  // What the stack says that leads to the finding, but for its steps.
  absl::Status AddOwnStackNotes(Stack& stack);
  absl::Status AddFurtherFlow(CodeFlow& flow);
  absl::Status AddFurtherStack(Stack& stack);
  // The list of a further path; nothing when there are too many already.
  std::optional<List> BeginFurtherPath(size_t steps);
  // Drops the path that was begun if it has no steps.
  void EndFurtherPath();

  // Adds an event for `location` with its message, or else, if `named`, with its name; nothing for
  // one that has neither a file nor words.
  absl::Status Add(const List& list, LogLocation& location, int32_t depth, bool named);
  absl::Status AddText(const List& list, Message message);
  // Adds what `location` says beside its message to the notes.
  absl::Status AddNotesOf(LogLocation& location);
  // Adds a note for a location that is not the report's own, and what else it says.
  absl::Status AddNote(LogLocation& location, bool named);
  bool HasRoomForNote();
  bool HasWords(const LogLocation& location) const;
  std::string NameOf(const LogLocation& location) const;
  // Puts the last event of `list` where a location is, in `file` or in none.
  void Place(const List& list, std::optional<FileIndex> file, const Region& region,
             BugPathEvent& event);

  const Render render_;
  ArtifactFiles& files_;
  const LogicalLocations& logical_locations_;
  CopyBudget& budget_;
  const Limits& limits_;
  Report& report_;
  BugPath& path_;
  std::vector<OffsetPlace>& offset_places_;
  const List notes_{path_.notes, OffsetPlace::In::kNotes};
  size_t further_steps_ = 0;
  size_t further_bytes_ = 0;
  uint64_t left_out_ = 0;
};

}  // namespace stored::reports::sarif
