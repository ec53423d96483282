#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "base/status.h"
#include "reports/stream/report_sink.h"

namespace stored::reports {

// The arguments of ReportSink::AddContent.
struct SourceContent {
  std::string_view sha256;
  std::string_view zstd;
  uint64_t size = 0;
};

// Passes every call on to another sink. A derived class replaces one or both of these, for all five
// calls at once:
//
//   absl::Status Before(const Item& item);    with Item = Analysis, SourceFile, Report,
//                                             SourceContent, CollectionSummary; an error is
//                                             returned and the call not passed on
//   absl::Status After(absl::Status status);  with the other sink's result; returns the result
template <typename Derived>
class ForwardingSink : public ReportSink {
 public:
  // `sink` outlives this.
  explicit ForwardingSink(ReportSink& sink) : sink_(sink) {}

  absl::Status AddAnalysis(Analysis analysis) final {
    STORED_RETURN_IF_ERROR(derived().Before(analysis));
    return derived().After(sink_.AddAnalysis(std::move(analysis)));
  }
  absl::Status AddFile(SourceFile file) final {
    STORED_RETURN_IF_ERROR(derived().Before(file));
    return derived().After(sink_.AddFile(std::move(file)));
  }
  absl::Status AddReport(Report report) final {
    STORED_RETURN_IF_ERROR(derived().Before(report));
    return derived().After(sink_.AddReport(std::move(report)));
  }
  absl::Status AddContent(std::string_view sha256, std::string_view zstd, uint64_t size) final {
    STORED_RETURN_IF_ERROR(derived().Before(SourceContent{sha256, zstd, size}));
    return derived().After(sink_.AddContent(sha256, zstd, size));
  }
  absl::Status Finish(const CollectionSummary& summary) final {
    STORED_RETURN_IF_ERROR(derived().Before(summary));
    return derived().After(sink_.Finish(summary));
  }

  template <typename Item>
  absl::Status Before(const Item& /*item*/) {
    return absl::OkStatus();
  }
  absl::Status After(absl::Status status) { return status; }

 private:
  Derived& derived() { return static_cast<Derived&>(*this); }

  ReportSink& sink_;
};

}  // namespace stored::reports
