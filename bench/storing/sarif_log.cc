#include "bench/storing/sarif_log.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>
#include <utility>

namespace stored::bench {
namespace {

constexpr int kFiles = 1000;
constexpr int kRules = 100;
constexpr int kSteps = 6;
constexpr int kFlowOneIn = 4;

// Appends to a log.
class LogWriter {
 public:
  explicit LogWriter(std::string& log) : log_(log) {}

  void Rules() {
    for (int rule = 0; rule < kRules; ++rule) {
      Write(R"({}{{"id": "group/rule-{}", "name": "Rule{}", )"
            R"("shortDescription": {{"text": "What rule {} looks for"}}}})",
            rule > 0 ? ",\n" : "", rule, rule, rule);
    }
  }

  void Result(int number) {
    constexpr std::string_view kLevels[] = {"error", "warning", "note"};
    const int line = number / kFiles + 1;
    Write(R"({{"ruleId": "group/rule-{}", "ruleIndex": {}, "level": "{}", )", number % kRules,
          number % kRules, kLevels[number % std::size(kLevels)]);
    Write(R"("message": {{"text": "The value of \"value_{}\" is not checked before it is used as )"
          R"(a length, number {}"}}, "locations": [)",
          line, number);
    Location(number, line, "");
    Write(R"(], "partialFingerprints": {{"clang/issueHash/v1": "{:032x}"}})",
          static_cast<uint64_t>(number + 1) * 0x9e3779b97f4a7c15U);
    if (number % kFlowOneIn == 0) CodeFlow(number, line);
    Write("}}");
  }

 private:
  template <typename... Arguments>
  void Write(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(log_), format, std::forward<Arguments>(arguments)...);
  }

  // Writes `message` unless it is empty.
  void Location(int number, int line, std::string_view message) {
    const int file = number % kFiles;
    Write(R"({{"physicalLocation": {{"artifactLocation": )"
          R"({{"uri": "file:///src/part_{}/file_{}.cc"}}, )"
          R"("region": {{"startLine": {}, "startColumn": 7, "endColumn": 16}}}})",
          file % 20, file, line);
    if (!message.empty()) Write(R"(, "message": {{"text": "{}"}})", message);
    Write("}}");
  }

  void CodeFlow(int number, int line) {
    Write(R"(, "codeFlows": [{{"threadFlows": [{{"locations": [)");
    for (int step = 0; step < kSteps; ++step) {
      Write(R"({}{{"location": )", step > 0 ? ", " : "");
      Location(number, line + step,
               fmt::format("Assuming 'value_{}' is greater than {}", line, step));
      Write("}}");
    }
    Write("]}}]}}]");
  }

  std::string& log_;
};

}  // namespace

std::string MakeSarifLog(uint64_t size) {
  std::string log;
  log.reserve(size + size / 100 + 100'000);
  LogWriter writer(log);
  log += R"({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan", "rules": [)";
  writer.Rules();
  log += "]}},\n\"results\": [\n";
  for (int number = 0; log.size() < size; ++number) {
    if (number > 0) log += ",\n";
    writer.Result(number);
  }
  log += "\n]}]}\n";
  return log;
}

}  // namespace stored::bench
