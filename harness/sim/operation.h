// What a run did to the disk, call by call: the raw material of every crash image and every fault point.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sim/image.h"

namespace rollproof::sim {

enum class Call : uint8_t {
  // These change the disk and carry an ordinal of their own.
  create,
  truncate,
  write,
  preallocate,
  sync,
  rename,
  remove,
  make_directory,
  remove_directory,
  sync_directory,
  // These do not.
  open_read,
  open_write,
  read,
  size,
  stat,
  list,
  free_bytes,
  lock,
  close,
};

std::string_view name_of(Call call);  // "sync_directory"
inline bool mutates(Call call) { return call <= Call::sync_directory; }

using TextPtr = std::shared_ptr<const std::string>;
constexpr uint32_t nothing = UINT32_MAX;

struct Operation {
  Call call = Call::stat;
  // True if it is (or, seen by a hook, would be) an entry of Trace::operations. A changing call that is refused for a reason
  // of its own, such as the removal of an absent file, is not.
  bool mutating = false;
  bool failed = false;      // the caller was told an error
  bool lost_pages = false;  // of a failed sync: the dirty pages now count as clean
  uint64_t ordinal = 0;       // k: its index in Trace::operations; of a call that changes nothing: how many came before it
  uint64_t call_ordinal = 0;  // its index among all calls
  uint64_t offset = 0;
  uint64_t length = 0;   // bytes asked for; of truncate and preallocate the new size
  uint64_t grows = 0;    // of write: by how many bytes the file gets longer
  uint64_t applied = 0;  // of write: bytes that took effect; of the others: 0 if there was no effect, otherwise 1
  TextPtr path;
  TextPtr to;       // of rename
  TextPtr context;  // what the harness was doing: "migrate/copy/step"; may be null
  TextPtr data;     // of write

  // Identities within the trace, for the crash model.
  uint32_t file = nothing;          // the file or directory itself
  uint32_t directory = nothing;     // where its name is, or was
  uint32_t to_directory = nothing;  // of rename
  uint32_t replaced = nothing;      // of rename: what had the name before
  bool created = false;             // of create: the file was not there
  NamePtr name;
  NamePtr to_name;

  std::string to_string() const;  // "33 write a/b 512 bytes at 1024 [migrate/copy]"
};
using OperationPtr = std::shared_ptr<const Operation>;

// How a file or directory of the trace came to be known: from the start image (then with its node) or created later.
struct Birth {
  bool directory = false;
  uint32_t parent = nothing;
  NamePtr name;
  NodePtr node;
};

struct Mark {
  uint64_t after = 0;  // it follows this many changing operations
  std::string text;
};

struct Trace {
  Image start;                           // wholly durable
  std::vector<Birth> births;             // index: identity; 0 is the root
  std::vector<OperationPtr> operations;  // index: ordinal
  std::vector<OperationPtr> calls;       // those that change nothing, if recorded; merge by call_ordinal
  std::vector<Mark> marks;

  uint64_t size() const { return operations.size(); }
  std::string to_string() const;  // a line each, with the marks, in order
};

}  // namespace rollproof::sim
