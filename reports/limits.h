#pragma once

#include <cstddef>
#include <cstdint>

namespace stored::reports {

// Limits on what a reader holds or writes for one input. If one is exceeded, readers return
// RESOURCE_EXHAUSTED with a message that names the file, the limit and the option that raises it,
// if there is one.
struct Limits {
  // Uncompressed bytes of one result file (plist, SARIF log, metadata.json).
  uint64_t max_result_file_bytes = uint64_t{1} << 30;
  // Bytes that an archive or a compressed payload unpacks to, in total.
  uint64_t max_unpacked_bytes = uint64_t{16} << 30;
  // Unpacked bytes per packed byte. Checked once more than ratio_grace_bytes have been unpacked.
  uint32_t max_unpack_ratio = 250;
  uint64_t ratio_grace_bytes = uint64_t{64} << 20;
  // Files and directories in an archive or a report directory.
  uint32_t max_entries = 1'000'000;
  // Bytes of one source file. A larger file counts as not found, with a warning.
  uint64_t max_source_bytes = uint64_t{16} << 20;
  // Bytes of memory for the review comments of all sources of one store.
  uint64_t max_review_comment_bytes = uint64_t{256} << 20;
  // Distinct reports in one store.
  uint32_t max_reports = 5'000'000;
  // Bytes of one text of a report: message, category, type, macro expansion, annotation, review
  // comment.
  uint32_t max_text_bytes = 256 << 10;
  // Bytes of the name of a checker. It is part of a report's identity, so it is never truncated.
  uint32_t max_checker_name_bytes = 4096;
  // Bytes of any other name: analyzer, tool, version, annotation, macro.
  uint32_t max_name_bytes = 1024;
  uint32_t max_path_bytes = 4096;
  // The number, in one report, of each of these: events, notes, positions, macro expansions,
  // annotations, further paths, and steps of all further paths together; also the number of ranges
  // of one event.
  uint32_t max_bug_path_items = 20'000;
  // Nesting of arrays and objects in JSON.
  uint32_t max_json_depth = 256;
};

inline constexpr uint32_t kMaxReportHashBytes = 256;

// Limits that are part of the contract (UploadHeader in proto/stored/v1/store_service.proto): bytes
// of a run's name, a tag and a description.
inline constexpr size_t kMaxRunNameBytes = 256;
inline constexpr size_t kMaxTagBytes = 256;
inline constexpr size_t kMaxDescriptionBytes = 4096;

}  // namespace stored::reports
