// LevelDB is built without exceptions: one that passes through it leaves its locks taken, and the process hangs later. So memory that runs out
// inside it, or in what it calls of ours, is the death of the process at this place; recovery takes over from there.
#pragma once

#include <utility>

namespace rollproof::store::level {

// Every call into LevelDB that may allocate or lock goes through here.
template <class Work>
decltype(auto) inside_leveldb(Work&& work) noexcept {
  return std::forward<Work>(work)();
}

}  // namespace rollproof::store::level
