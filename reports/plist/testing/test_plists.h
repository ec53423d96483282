#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/files/file.h"
#include "base/testing/build_paths.h"
#include "reports/plist/plist_reader.h"

// Plists for tests to read.
namespace stored::reports {

inline std::string SamplePlist(const std::string& name) {
  absl::StatusOr<std::string> bytes =
      ReadFile(SourcePath("reports/plist/testdata/" + name), uint64_t{1} << 20);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.value_or("");
}

inline absl::StatusOr<ResultFile> TryReadPlist(const std::string& bytes,
                                               const Limits& limits = {}) {
  return ReadPlist(bytes, "x.plist", "/src/sample", limits);
}

inline std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "not in the text: " << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

inline constexpr std::string_view kHead =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
    "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n";
inline constexpr std::string_view kLocation =
    "<key>location</key><dict><key>line</key><integer>7</integer><key>col</key><integer>3</integer>"
    "<key>file</key><integer>0</integer></dict>";

// Returns a plist with one file, and one diagnostic whose <dict> has `entries`.
inline std::string PlistWith(std::string_view entries) {
  return fmt::format(
      "{}<plist version=\"1.0\"><dict><key>diagnostics</key><array><dict>{}</dict></array>"
      "<key>files</key><array><string>a.c</string></array></dict></plist>\n",
      kHead, entries);
}

// Returns a plist whose diagnostic has all required entries, and `more`.
inline std::string PlistWithGood(std::string_view more) {
  return PlistWith(fmt::format("{}<key>check_name</key><string>c</string>{}", kLocation, more));
}

}  // namespace stored::reports
