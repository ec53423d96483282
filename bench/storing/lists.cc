#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "bench/process.h"
#include "bench/serving/client.h"
#include "bench/serving/content.h"
#include "bench/storing/page_floor.h"
#include "bench/storing/storing_benchmarks.h"
#include "stored/v1/report_service.grpc.pb.h"

namespace stored::bench {
namespace {

constexpr char kListedRun[] = "listed";
// One of a hundred checkers, all equally frequent.
constexpr char kChecker[] = "group.Checker42";
// ListReports' default.
constexpr size_t kPageSize = 1000;

// A page, as the benchmark requests it from the server and from the floor.
struct Asked {
  std::string what;
  v1::ListReportsRequest request;
  int64_t after = 0;  // The last report of the previous page.
};

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

absl::Status StoreReports(const Server& server, int reports, const std::string& directory) {
  STORED_ASSIGN_OR_RETURN(std::string bundle, MakeBundle(reports, directory));
  const auto stub = v1::StoreService::NewStub(NewChannel(server.address()));
  STORED_ASSIGN_OR_RETURN(const std::string token, Upload(*stub, kListedRun, Content::Of(bundle)));
  return AwaitCompletion(*stub, token);
}

class Pages {
 public:
  // Measures each page with `calls` calls.
  Pages(std::unique_ptr<v1::ReportService::Stub> stub, PageFloor floor, int calls)
      : stub_(std::move(stub)), floor_(std::move(floor)), calls_(calls) {}

  absl::Status FindIds() {
    STORED_ASSIGN_OR_RETURN(run_, floor_.RunId(kListedRun));
    STORED_ASSIGN_OR_RETURN(checker_, floor_.CheckerId(kChecker));
    return absl::OkStatus();
  }

  // Returns the last page, after fetching all pages before it once.
  absl::StatusOr<Asked> Last(Asked asked) {
    while (true) {
      STORED_ASSIGN_OR_RETURN(const v1::ListReportsResponse page, Call(asked.request));
      if (page.next_page_token().empty()) return asked;
      asked.request.set_page_token(page.next_page_token());
      asked.after = page.reports().rbegin()->report_id();
    }
  }

  // Returns the medians of calls and of floors, measured in turn.
  absl::StatusOr<Measured> Measure(const Asked& asked) {
    STORED_RETURN_IF_ERROR(CheckSame(asked));
    std::vector<double> figures;
    std::vector<double> floors;
    for (int i = 0; i < calls_; ++i) {
      const absl::Time start = absl::Now();
      STORED_RETURN_IF_ERROR(Call(asked.request).status());
      const absl::Time answered = absl::Now();
      STORED_RETURN_IF_ERROR(Floor(asked).status());
      figures.push_back(absl::ToDoubleSeconds(answered - start));
      floors.push_back(absl::ToDoubleSeconds(absl::Now() - answered));
    }
    return Measured{.what = asked.what,
                    .unit = Unit::kSeconds,
                    .figure = Median(std::move(figures)),
                    .floor = Median(std::move(floors)),
                    .goals = {{.value = 1.3}}};
  }

 private:
  absl::StatusOr<v1::ListReportsResponse> Call(const v1::ListReportsRequest& request) {
    grpc::ClientContext call;
    v1::ListReportsResponse page;
    STORED_RETURN_IF_ERROR(ToAbsl(stub_->ListReports(&call, request, &page)));
    return page;
  }

  absl::StatusOr<PageFloor::Page> Floor(const Asked& asked) {
    std::optional<int64_t> checker;
    if (asked.request.checker_names_size() > 0) checker = checker_;
    return floor_.Read(run_, asked.after, checker, kPageSize);
  }

  // Both must return the same reports in the page.
  absl::Status CheckSame(const Asked& asked) {
    STORED_ASSIGN_OR_RETURN(const v1::ListReportsResponse page, Call(asked.request));
    STORED_ASSIGN_OR_RETURN(const PageFloor::Page floor, Floor(asked));
    const bool same =
        std::equal(page.reports().begin(), page.reports().end(), floor.ids.begin(), floor.ids.end(),
                   [](const v1::Report& report, int64_t id) { return report.report_id() == id; });
    if (same && page.next_page_token().empty() == !floor.more) return absl::OkStatus();
    return absl::InternalError(asked.what + ": the server's page differs from the floor's");
  }

  std::unique_ptr<v1::ReportService::Stub> stub_;
  PageFloor floor_;
  const int calls_;
  int64_t run_ = 0;
  int64_t checker_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<Measured>> BenchLists(const Context& context) {
  const bool small = context.size == Size::kSmall;
  {
    STORED_ASSIGN_OR_RETURN(const Server first, Server::Start(context.programs, context.directory));
    STORED_RETURN_IF_ERROR(StoreReports(first, small ? 20'000 : 1'000'000, context.directory));
  }
  // A second server, which is not copying stored data from the log into the database meanwhile.
  STORED_ASSIGN_OR_RETURN(const Server server, Server::Start(context.programs, context.directory));
  STORED_ASSIGN_OR_RETURN(PageFloor floor, PageFloor::Open(server.database()));
  Pages pages(v1::ReportService::NewStub(NewChannel(server.address())), std::move(floor),
              small ? 10 : 50);
  STORED_RETURN_IF_ERROR(pages.FindIds());
  std::vector<Measured> lines;
  for (const bool filtered : {false, true}) {
    Asked asked;
    asked.request.set_run_name(kListedRun);
    if (filtered) asked.request.add_checker_names(kChecker);
    const std::string suffix = filtered ? " of one checker in a hundred" : "";
    asked.what = "first page" + suffix;
    STORED_ASSIGN_OR_RETURN(lines.emplace_back(), pages.Measure(asked));
    STORED_ASSIGN_OR_RETURN(asked, pages.Last(std::move(asked)));
    asked.what = "last page" + suffix;
    STORED_ASSIGN_OR_RETURN(lines.emplace_back(), pages.Measure(asked));
  }
  return lines;
}

}  // namespace stored::bench
