#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "tools/commands/session.h"
#include "tools/upload/bundle_builder.h"

namespace stored::tools {

struct UploadArguments {
  BundleOptions bundle;
  // Empty to take the name from the metadata of the input.
  std::string name;
  std::string product;
  std::string tag;
  std::string description;
  // Empty for a new upload.
  std::string upload_id;
  std::optional<absl::Duration> expire_after;
  // Limits all of the command.
  absl::Duration timeout = absl::InfiniteDuration();
  bool force = false;
  bool refuse_if_busy = false;
  bool no_block = false;
  bool watch = false;
  bool refuse_changed_sources = false;
};

// Builds a bundle from analyzer output, uploads it, and waits for the end of the store unless
// `no_block` is set. Prints the outcome or the token.
Ending RunUpload(Session& session, const UploadArguments& arguments);

}  // namespace stored::tools
