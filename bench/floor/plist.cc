#include "bench/floor/plist.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <pugixml.hpp>
#include <string_view>
#include <utility>

#include "base/sha256.h"
#include "bench/floor/encoding.h"

namespace stored::bench::floor {
namespace {

// Returns the value of a key of a <dict>.
pugi::xml_node Find(pugi::xml_node dict, std::string_view key) {
  for (pugi::xml_node node = dict.first_child(); node; node = node.next_sibling().next_sibling()) {
    if (node.child_value() == key) return node.next_sibling();
  }
  return {};
}

uint32_t Number(pugi::xml_node node) {
  return static_cast<uint32_t>(std::strtoul(node.child_value(), nullptr, 10));
}

struct Place {
  uint32_t file = 0;
  uint32_t line = 0;
  uint32_t column = 0;
};

// Reads a location in one pass over its small <dict>.
Place PlaceOf(pugi::xml_node dict, const std::vector<uint32_t>& files) {
  Place place;
  for (pugi::xml_node key = dict.first_child(); key; key = key.next_sibling().next_sibling()) {
    const char* name = key.child_value();
    const uint32_t number = Number(key.next_sibling());
    if (name[0] == 'l') place.line = number;
    if (name[0] == 'c') place.column = number;
    if (name[0] == 'f') place.file = files.at(number);
  }
  return place;
}

void EncodePlace(const Place& place, std::string& out) {
  AppendVarint(place.file, out);
  AppendVarint(place.line, out);
  AppendVarint(place.column, out);
}

// Returns the fields that identify a report: hash, checker, and place and message of every event.
std::string KeyOf(pugi::xml_node diagnostic, const std::vector<uint32_t>& files) {
  std::string key;
  for (pugi::xml_node at = diagnostic.first_child(); at; at = at.next_sibling().next_sibling()) {
    const std::string_view name = at.child_value();
    const pugi::xml_node value = at.next_sibling();
    if (name == "check_name" || name == "issue_hash_content_of_line_in_context") {
      AppendText(value.child_value(), key);
    }
    if (name != "path") continue;
    for (const pugi::xml_node item : value.children()) {
      if (std::strcmp(Find(item, "kind").child_value(), "event") != 0) continue;
      EncodePlace(PlaceOf(Find(item, "location"), files), key);
      AppendText(Find(item, "message").child_value(), key);
    }
  }
  const Sha256Digest digest = Sha256::Of(key);
  return std::string(digest.Raw().substr(0, 16));
}

// Encodes everything in a bug path in its order: places and texts, and nested lists with their
// lengths.
void EncodeTree(pugi::xml_node node, const std::vector<uint32_t>& files, std::string& out) {
  const std::string_view kind = node.name();
  if (kind == "dict") {
    if (Find(node, "line")) {
      EncodePlace(PlaceOf(node, files), out);
      return;
    }
    for (pugi::xml_node key = node.first_child(); key; key = key.next_sibling().next_sibling()) {
      EncodeTree(key.next_sibling(), files, out);
    }
  } else if (kind == "array") {
    uint32_t count = 0;
    for (pugi::xml_node item = node.first_child(); item; item = item.next_sibling()) ++count;
    AppendVarint(count, out);
    for (const pugi::xml_node item : node.children()) EncodeTree(item, files, out);
  } else if (kind == "integer") {
    AppendVarint(Number(node), out);
  } else {
    AppendText(node.child_value(), out);
  }
}

Row RowOf(pugi::xml_node diagnostic, const std::vector<uint32_t>& files) {
  Row row;
  for (pugi::xml_node at = diagnostic.first_child(); at; at = at.next_sibling().next_sibling()) {
    const std::string_view name = at.child_value();
    const pugi::xml_node value = at.next_sibling();
    if (name == "check_name") row.checker = value.child_value();
    if (name == "category") row.category = value.child_value();
    if (name == "type") row.type = value.child_value();
    if (name == "description") row.message = value.child_value();
    if (name == "issue_hash_content_of_line_in_context") {
      row.report_hash = FromHex(value.child_value()).value_or(value.child_value());
    }
    if (name == "location") {
      const Place place = PlaceOf(value, files);
      row.file = place.file;
      row.line = place.line;
      row.column = place.column;
    }
    if (name == "path" || name == "notes" || name == "macro_expansions") {
      EncodeTree(value, files, row.bug_path);
    }
  }
  return row;
}

std::string ReadWhole(const std::string& path) {
  std::string bytes;
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return bytes;
  bytes.resize(std::filesystem::file_size(path));
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
  std::fclose(file);
  return bytes;
}

// Resolves relative paths against the plist's directory.
std::vector<uint32_t> FilesOf(pugi::xml_node files, const std::string& plist, Seen& seen) {
  std::vector<uint32_t> ids;
  for (const pugi::xml_node file : files.children()) {
    std::filesystem::path path = file.child_value();
    if (path.is_relative()) {
      path = (std::filesystem::path(plist).parent_path() / path).lexically_normal();
    }
    ids.push_back(seen.FileId(path));
  }
  return ids;
}

}  // namespace

uint32_t Seen::FileId(const std::string& path) {
  const MutexLock lock(mutex_);
  const auto [entry, fresh] = ids_.try_emplace(path, static_cast<uint32_t>(files_.size() + 1));
  if (fresh) files_.push_back({path, false});
  return entry->second;
}

bool Seen::AddReport(const std::string& identity) {
  const MutexLock lock(mutex_);
  return reports_.insert(identity).second;
}

bool Seen::TakeFile(uint32_t id) {
  const MutexLock lock(mutex_);
  return !std::exchange(files_[id - 1].taken, true);
}

std::string Seen::PathOf(uint32_t id) {
  const MutexLock lock(mutex_);
  return files_[id - 1].path;
}

ParsedPlist ParsePlist(const std::string& path, bool want_rows, Seen& seen) {
  ParsedPlist parsed;
  std::string bytes = ReadWhole(path);
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer_inplace(
      bytes.data(), bytes.size(),
      pugi::parse_minimal | pugi::parse_escapes | pugi::parse_cdata | pugi::parse_embed_pcdata);
  if (!result) {
    std::fprintf(stderr, "bench_floor: %s: %s\n", path.c_str(), result.description());
    std::exit(1);
  }
  const pugi::xml_node top = document.first_child().first_child();
  const std::vector<uint32_t> files = FilesOf(Find(top, "files"), path, seen);
  for (const pugi::xml_node diagnostic : Find(top, "diagnostics").children()) {
    ++parsed.diagnostics;
    std::string identity = KeyOf(diagnostic, files);
    if (!seen.AddReport(identity)) continue;
    ++parsed.reports;
    if (!want_rows) continue;
    parsed.rows.push_back(RowOf(diagnostic, files));
    parsed.rows.back().identity = std::move(identity);
  }
  if (!want_rows) return parsed;
  for (const uint32_t file : files) {
    if (seen.TakeFile(file)) parsed.files.push_back(file);
  }
  return parsed;
}

std::vector<std::string> PlistsIn(const std::string& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".plist") paths.push_back(entry.path());
  }
  return paths;
}

}  // namespace stored::bench::floor
