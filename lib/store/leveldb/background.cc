#include "lib/store/leveldb/background.h"

#include <new>
#include <system_error>

#include "lib/store/leveldb/boundary.h"

namespace rollproof::store::level {

Background::~Background() {
  {
    std::lock_guard guard(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Background::schedule(void (*work)(void*), void* argument) {
  // The caller holds LevelDB's lock, so nothing may be run or waited for here.
  std::lock_guard guard(mutex_);
  queue_.push_back({work, argument});
  if (mode_ != Mode::threaded) return;
  if (!thread_.joinable()) start();
  changed_.notify_all();
}

// LevelDB is on the stack and can not unwind: without memory for a thread its work is done between the calls of the one that is there.
void Background::start() {
  try {
    thread_ = std::thread([this] { serve(); });
  } catch (const std::system_error&) {
    mode_ = Mode::queued;
  } catch (const std::bad_alloc&) {
    mode_ = Mode::queued;
  }
}

bool Background::take(Work& work) {
  std::lock_guard guard(mutex_);
  if (queue_.empty()) return false;
  work = queue_.front();
  queue_.pop_front();
  return true;
}

void Background::run_queue() {
  {
    // Work that writes a file comes by here again; it must not start inside itself.
    std::lock_guard guard(mutex_);
    if (running_) return;
    running_ = true;
  }
  Work work{};
  while (take(work)) inside_leveldb([&] { work.function(work.argument); });
  std::lock_guard guard(mutex_);
  running_ = false;
}

void Background::run_pending() {
  if (mode_ == Mode::queued) run_queue();
}

void Background::drain() {
  if (mode_ != Mode::threaded) {
    run_queue();
    return;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.empty() && !running_; });
}

void Background::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Work work = queue_.front();
    queue_.pop_front();
    running_ = true;
    lock.unlock();
    inside_leveldb([&] { work.function(work.argument); });
    lock.lock();
    running_ = false;
    changed_.notify_all();
  }
}

}  // namespace rollproof::store::level
