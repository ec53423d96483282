#include "reports/bundle/wire.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <string>
#include <utility>
#include <vector>

namespace stored::reports::wire {
namespace {

void ToWire(const Location& location, v1::BundledLocation& out) {
  out.set_file(location.file);
  out.set_line(location.line);
  out.set_column(location.column);
}

Location FromWire(const v1::BundledLocation& in) { return {in.file(), in.line(), in.column()}; }

void ToWire(const Range& range, v1::BundledRange& out) {
  out.set_file(range.file);
  out.set_start_line(range.start_line);
  out.set_start_column(range.start_column);
  out.set_end_line(range.end_line);
  out.set_end_column(range.end_column);
}

Range FromWire(const v1::BundledRange& in) {
  return {in.file(), in.start_line(), in.start_column(), in.end_line(), in.end_column()};
}

void ToWire(const BugPathEvent& event, v1::BundledEvent& out) {
  ToWire(event.location, *out.mutable_location());
  out.set_message(event.message);
  out.set_depth(event.depth);
  for (const Range& range : event.ranges) ToWire(range, *out.add_ranges());
}

BugPathEvent FromWire(v1::BundledEvent& in) {
  BugPathEvent event;
  event.location = FromWire(in.location());
  event.message = std::move(*in.mutable_message());
  event.depth = in.depth();
  event.ranges.reserve(static_cast<size_t>(in.ranges_size()));
  for (const v1::BundledRange& range : in.ranges()) event.ranges.push_back(FromWire(range));
  return event;
}

std::vector<std::string> TakeStrings(google::protobuf::RepeatedPtrField<std::string>& in) {
  return {std::make_move_iterator(in.begin()), std::make_move_iterator(in.end())};
}

Severity SeverityOf(uint32_t number) {
  return number <= static_cast<uint32_t>(Severity::kCritical) ? static_cast<Severity>(number)
                                                              : Severity::kUnspecified;
}

ReviewStatus ReviewStatusOf(uint32_t number) {
  const bool known = number >= static_cast<uint32_t>(ReviewStatus::kUnreviewed) &&
                     number <= static_cast<uint32_t>(ReviewStatus::kIntentional);
  return known ? static_cast<ReviewStatus>(number) : ReviewStatus::kUnreviewed;
}

// Reads the fields of an encoded message without making a message object. A field that comes twice
// is handled as protobuf's own decoders do: the last number or text counts, and messages are
// merged.
class FieldReader {
 public:
  explicit FieldReader(std::string_view encoded)
      : in_(reinterpret_cast<const uint8_t*>(encoded.data()), static_cast<int>(encoded.size())) {
    in_.PushLimit(static_cast<int>(encoded.size()));
  }

  // Calls visit(int field) for each field up to the end of the message; `visit` must read the value
  // or call Skip(). Returns false if `visit` does or the message is malformed.
  template <typename Visit>
  bool ForEachField(Visit visit) {
    while (true) {
      tag_ = in_.ReadTag();
      if (tag_ == 0) return in_.ConsumedEntireMessage();
      if (!visit(Wire::GetTagFieldNumber(tag_))) return false;
    }
  }

  bool Skip() { return Wire::SkipField(&in_, tag_); }

  // Returns true if the value may be a message or a text.
  bool AtMessage() const { return Is(Wire::WIRETYPE_LENGTH_DELIMITED); }

  // The following skip the value if it is of another type than the requested one.
  template <typename Visit>
  bool Message(Visit visit) {
    if (!AtMessage()) return Skip();
    int size = 0;
    // PushLimit() would ignore a limit beyond the enclosing one.
    if (!in_.ReadVarintSizeAsInt(&size) || size > in_.BytesUntilLimit()) return false;
    const auto outer = in_.PushLimit(size);
    const bool read = ForEachField(visit);
    in_.PopLimit(outer);
    return read;
  }
  bool Text(std::string& out) {
    if (!AtMessage()) return Skip();
    int size = 0;
    return in_.ReadVarintSizeAsInt(&size) && in_.ReadString(&out, size);
  }
  bool Number(uint32_t& out) { return Is(Wire::WIRETYPE_VARINT) ? in_.ReadVarint32(&out) : Skip(); }
  bool Fixed(uint64_t& out) {
    return Is(Wire::WIRETYPE_FIXED64) ? in_.ReadLittleEndian64(&out) : Skip();
  }
  bool Flag(bool& out) {
    if (!Is(Wire::WIRETYPE_VARINT)) return Skip();
    uint64_t number = 0;
    if (!in_.ReadVarint64(&number)) return false;
    out = number != 0;
    return true;
  }

 private:
  using Wire = google::protobuf::internal::WireFormatLite;

  bool Is(Wire::WireType type) const { return Wire::GetTagWireType(tag_) == type; }

  google::protobuf::io::CodedInputStream in_;
  uint32_t tag_ = 0;
};

bool ReadLocation(FieldReader& in, Location& out) {
  return in.Message([&](int field) {
    if (field == v1::BundledLocation::kFileFieldNumber) return in.Number(out.file);
    if (field == v1::BundledLocation::kLineFieldNumber) return in.Number(out.line);
    if (field == v1::BundledLocation::kColumnFieldNumber) return in.Number(out.column);
    return in.Skip();
  });
}

bool ReadEvent(FieldReader& in, BugPathEvent& out) {
  return in.Message([&](int field) {
    if (field == v1::BundledEvent::kLocationFieldNumber) return ReadLocation(in, out.location);
    if (field == v1::BundledEvent::kMessageFieldNumber) return in.Text(out.message);
    return in.Skip();
  });
}

bool ReadAnnotation(FieldReader& in, Annotation& out) {
  return in.Message([&](int field) {
    if (field == v1::BundledAnnotation::kKeyFieldNumber) return in.Text(out.key);
    if (field == v1::BundledAnnotation::kValueFieldNumber) return in.Text(out.value);
    return in.Skip();
  });
}

bool ReadReview(FieldReader& in, Review& out) {
  uint32_t status = static_cast<uint32_t>(out.status);
  const bool read = in.Message([&](int field) {
    if (field == v1::BundledReview::kStatusFieldNumber) return in.Number(status);
    if (field == v1::BundledReview::kCommentFieldNumber) return in.Text(out.comment);
    if (field == v1::BundledReview::kInSourceFieldNumber) return in.Flag(out.in_source);
    return in.Skip();
  });
  out.status = ReviewStatusOf(status);
  return read;
}

}  // namespace

void ToWire(const BugPath& bug_path, v1::BundledBugPath& out) {
  for (const BugPathEvent& event : bug_path.events) ToWire(event, *out.add_events());
  for (const Range& range : bug_path.positions) ToWire(range, *out.add_positions());
  for (const BugPathEvent& note : bug_path.notes) ToWire(note, *out.add_notes());
  for (const MacroExpansion& macro : bug_path.macro_expansions) {
    v1::BundledMacroExpansion& wire_macro = *out.add_macro_expansions();
    ToWire(macro.location, *wire_macro.mutable_location());
    wire_macro.set_name(macro.name);
    wire_macro.set_expansion(macro.expansion);
  }
  for (const std::vector<BugPathEvent>& steps : bug_path.further_paths) {
    v1::BundledSteps& wire_steps = *out.add_further_paths();
    for (const BugPathEvent& event : steps) ToWire(event, *wire_steps.add_events());
  }
}

BugPath FromWire(v1::BundledBugPath& in) {
  BugPath bug_path;
  bug_path.events.reserve(static_cast<size_t>(in.events_size()));
  for (v1::BundledEvent& event : *in.mutable_events()) {
    bug_path.events.push_back(FromWire(event));
  }
  bug_path.positions.reserve(static_cast<size_t>(in.positions_size()));
  for (const v1::BundledRange& range : in.positions()) {
    bug_path.positions.push_back(FromWire(range));
  }
  bug_path.notes.reserve(static_cast<size_t>(in.notes_size()));
  for (v1::BundledEvent& note : *in.mutable_notes()) bug_path.notes.push_back(FromWire(note));
  bug_path.macro_expansions.reserve(static_cast<size_t>(in.macro_expansions_size()));
  for (v1::BundledMacroExpansion& macro : *in.mutable_macro_expansions()) {
    bug_path.macro_expansions.push_back({FromWire(macro.location()),
                                         std::move(*macro.mutable_name()),
                                         std::move(*macro.mutable_expansion())});
  }
  bug_path.further_paths.reserve(static_cast<size_t>(in.further_paths_size()));
  for (v1::BundledSteps& steps : *in.mutable_further_paths()) {
    std::vector<BugPathEvent>& events = bug_path.further_paths.emplace_back();
    events.reserve(static_cast<size_t>(steps.events_size()));
    for (v1::BundledEvent& event : *steps.mutable_events()) events.push_back(FromWire(event));
  }
  return bug_path;
}

void ToWire(const Report& report, v1::BundledReport& out) {
  out.set_report_hash(report.report_hash);
  out.set_checker_name(report.checker_name);
  out.set_analyzer_name(report.analyzer_name);
  out.set_category(report.category);
  out.set_type(report.type);
  out.set_message(report.message);
  out.set_severity(static_cast<uint32_t>(report.severity));
  ToWire(report.location, *out.mutable_location());
  ToWire(report.bug_path, *out.mutable_bug_path());
  for (const Annotation& annotation : report.annotations) {
    v1::BundledAnnotation& wire_annotation = *out.add_annotations();
    wire_annotation.set_key(annotation.key);
    wire_annotation.set_value(annotation.value);
  }
  if (report.review != Review{}) {
    v1::BundledReview& review = *out.mutable_review();
    review.set_status(static_cast<uint32_t>(report.review.status));
    review.set_comment(report.review.comment);
    review.set_in_source(report.review.in_source);
  }
  out.set_content_digest(report.content_digest);
  out.set_logical_location(report.logical_location);
  out.set_discriminator(report.discriminator);
  out.set_severity_is_default(report.severity_is_default);
}

Report FromWire(v1::BundledReport& in) {
  Report report;
  report.report_hash = std::move(*in.mutable_report_hash());
  report.checker_name = std::move(*in.mutable_checker_name());
  report.analyzer_name = std::move(*in.mutable_analyzer_name());
  report.category = std::move(*in.mutable_category());
  report.type = std::move(*in.mutable_type());
  report.message = std::move(*in.mutable_message());
  report.severity = SeverityOf(in.severity());
  report.location = FromWire(in.location());
  report.bug_path = FromWire(*in.mutable_bug_path());
  report.annotations.reserve(static_cast<size_t>(in.annotations_size()));
  for (v1::BundledAnnotation& annotation : *in.mutable_annotations()) {
    report.annotations.push_back(
        {std::move(*annotation.mutable_key()), std::move(*annotation.mutable_value())});
  }
  if (in.has_review()) {
    report.review.status = ReviewStatusOf(in.review().status());
    report.review.comment = std::move(*in.mutable_review()->mutable_comment());
    report.review.in_source = in.review().in_source();
  }
  report.content_digest = in.content_digest();
  report.logical_location = std::move(*in.mutable_logical_location());
  report.discriminator = in.discriminator();
  report.severity_is_default = in.severity_is_default();
  return report;
}

bool IdentifyingFromWire(std::string_view encoded, size_t max_items, Report& report) {
  std::vector<BugPathEvent>& events = report.bug_path.events;
  std::vector<Annotation>& annotations = report.annotations;
  FieldReader in(encoded);
  return in.ForEachField([&](int field) {
    switch (field) {
      case v1::BundledReport::kReportHashFieldNumber:
        return in.Text(report.report_hash);
      case v1::BundledReport::kCheckerNameFieldNumber:
        return in.Text(report.checker_name);
      case v1::BundledReport::kMessageFieldNumber:
        return in.Text(report.message);
      case v1::BundledReport::kLocationFieldNumber:
        return ReadLocation(in, report.location);
      case v1::BundledReport::kBugPathFieldNumber:
        return in.Message([&](int part) {
          const bool event = part == v1::BundledBugPath::kEventsFieldNumber && in.AtMessage();
          if (!event || events.size() > max_items) return in.Skip();
          return ReadEvent(in, events.emplace_back());
        });
      case v1::BundledReport::kAnnotationsFieldNumber:
        if (!in.AtMessage() || annotations.size() > max_items) return in.Skip();
        return ReadAnnotation(in, annotations.emplace_back());
      case v1::BundledReport::kReviewFieldNumber:
        return ReadReview(in, report.review);
      case v1::BundledReport::kContentDigestFieldNumber:
        return in.Fixed(report.content_digest);
      case v1::BundledReport::kDiscriminatorFieldNumber:
        return in.Number(report.discriminator);
      default:
        return in.Skip();
    }
  });
}

void ToWire(const Analysis& analysis, v1::Analysis& out) {
  out.set_tool_name(analysis.tool_name);
  out.set_tool_version(analysis.tool_version);
  for (const std::string& argument : analysis.command) out.add_command(argument);
  out.set_working_directory(analysis.working_directory);
  out.set_begin_time(analysis.begin_time);
  out.set_end_time(analysis.end_time);
  for (const AnalyzerRun& analyzer : analysis.analyzers) {
    v1::AnalyzerRun& wire_analyzer = *out.add_analyzers();
    wire_analyzer.set_name(analyzer.name);
    wire_analyzer.set_version(analyzer.version);
    wire_analyzer.set_successful(analyzer.successful);
    wire_analyzer.set_failed(analyzer.failed);
    for (const std::string& source : analyzer.failed_sources) {
      wire_analyzer.add_failed_sources(source);
    }
    for (const CheckerState& checker : analyzer.checkers) {
      v1::CheckerState& wire_checker = *wire_analyzer.add_checkers();
      wire_checker.set_name(checker.name);
      wire_checker.set_enabled(checker.enabled);
    }
  }
}

Analysis FromWire(v1::Analysis& in) {
  Analysis analysis;
  analysis.tool_name = std::move(*in.mutable_tool_name());
  analysis.tool_version = std::move(*in.mutable_tool_version());
  analysis.command = TakeStrings(*in.mutable_command());
  analysis.working_directory = std::move(*in.mutable_working_directory());
  analysis.begin_time = in.begin_time();
  analysis.end_time = in.end_time();
  for (v1::AnalyzerRun& wire_analyzer : *in.mutable_analyzers()) {
    AnalyzerRun& analyzer = analysis.analyzers.emplace_back();
    analyzer.name = std::move(*wire_analyzer.mutable_name());
    analyzer.version = std::move(*wire_analyzer.mutable_version());
    analyzer.successful = wire_analyzer.successful();
    analyzer.failed = wire_analyzer.failed();
    analyzer.failed_sources = TakeStrings(*wire_analyzer.mutable_failed_sources());
    analyzer.checkers.reserve(static_cast<size_t>(wire_analyzer.checkers_size()));
    for (v1::CheckerState& checker : *wire_analyzer.mutable_checkers()) {
      analyzer.checkers.push_back({std::move(*checker.mutable_name()), checker.enabled()});
    }
  }
  return analysis;
}

}  // namespace stored::reports::wire
