// LevelDB's background work: on one thread of its own, or queued and run where LevelDB's own lock is known to be free.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace rollproof::store::level {

class Background {
 public:
  enum class Mode {
    threaded,    // one thread, started with the first work; as `queued` from then on if it can not be started
    queued,      // run_pending() runs it on the calling thread, between calls: the same calls give the same operations
    held_back,   // nothing runs before drain(): for a database that is only read
  };

  explicit Background(Mode mode) : mode_(mode) {}
  ~Background();  // REQUIRES: drained
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void schedule(void (*work)(void*), void* argument);

  // Runs what is queued, and what that queues, until nothing is left. Does nothing unless Mode::queued, nor when called from
  // within the work itself. REQUIRES: the caller holds no lock of LevelDB's.
  void run_pending();

  // Returns when nothing is queued and nothing runs, in every mode.
  void drain();

 private:
  struct Work {
    void (*function)(void*);
    void* argument;
  };
  void start();  // REQUIRES: the lock is held
  bool take(Work& work);
  void run_queue();
  void serve();

  std::atomic<Mode> mode_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> queue_;
  bool running_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace rollproof::store::level
