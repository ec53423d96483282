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

// Makes the bug path, the notes and the further paths of one report from the locations, code flows
// and stacks of a result.
//
// The bug path is the first code flow with an event (a step that has a message, or that is in no
// file and has a name), or else the first one with steps. If that yields no events, they are the
// calls of the first stack, if there is one, and the finding itself. All other code flows and
// stacks become further paths, and all other locations become notes. An event that is in no file is
// at the file without a path.
class BugPathBuilder {
 public:
  // Renders a message as text.
  using Render = absl::FunctionRef<absl::StatusOr<std::string>(Message)>;

  // All arguments must outlive the builder. `report` has its location and message. Places that are
  // given by an offset are added to `offset_places`.
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

  // `main` is the index of the report's own location in result.locations, if it is one of them.
  absl::Status Build(Result& result, std::optional<size_t> main);

  // Returns how many notes, or steps of further paths, were left out because there are too many or
  // they are too long.
  uint64_t left_out() const { return left_out_; }

 private:
  // A list of events under construction.
  struct List {
    std::vector<BugPathEvent>& events;
    OffsetPlace::In in;
    // The index among the further paths.
    uint32_t path = 0;
  };

  // Adds the event that is the finding itself.
  void AddFinding(const Result& result, std::optional<size_t> main);
  absl::Status AddLocations(Result& result, std::optional<size_t> main);
  absl::Status AddFlow(CodeFlow& flow);
  absl::Status AddStack(Stack& stack);
  // Adds the notes of the stack that leads to the finding, without its steps.
  absl::Status AddOwnStackNotes(Stack& stack);
  absl::Status AddFurtherFlow(CodeFlow& flow);
  absl::Status AddFurtherStack(Stack& stack);
  // Begins a further path and returns its list; returns nothing if there are too many already.
  std::optional<List> BeginFurtherPath(size_t steps);
  // Drops the path begun last if it does not have any steps.
  void EndFurtherPath();

  // Adds an event for `location` with its message, or else, if `named`, with its name. Adds nothing
  // if it has neither a file nor a text.
  absl::Status Add(const List& list, LogLocation& location, int32_t depth, bool named);
  absl::Status AddText(const List& list, Message message);
  // Adds the remarks of `location` beside its message to the notes.
  absl::Status AddNotesOf(LogLocation& location);
  // Adds a note for a location other than the report's own, and its remarks.
  absl::Status AddNote(LogLocation& location, bool named);
  bool HasRoomForNote();
  bool HasWords(const LogLocation& location) const;
  std::string NameOf(const LogLocation& location) const;
  // Sets the place of the last event of `list` to a region of `file`, or to no file.
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
