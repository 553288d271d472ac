#include "lib/store/leveldb/background.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

namespace rollproof::store::level {
namespace {

TEST(Background, RunsWhatIsScheduledOnAThreadOfItsOwn) {
  Background background(Background::Mode::threaded);
  static std::thread::id ran_on;
  background.schedule([](void*) { ran_on = std::this_thread::get_id(); }, nullptr);
  background.drain();
  EXPECT_NE(ran_on, std::thread::id());
  EXPECT_NE(ran_on, std::this_thread::get_id());
}

// The stack of a thread is what a process short of memory gets last.
TEST(Background, RunsItOnTheCallingThread_WhenNoneCanBeStarted) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own address space is beyond any limit";
#endif
  const pid_t child = ::fork();
  if (child == 0) {
    unsigned long pages = 0;
    FILE* statm = std::fopen("/proc/self/statm", "r");
    if (statm == nullptr || std::fscanf(statm, "%lu", &pages) != 1) ::_exit(2);
    std::fclose(statm);
    const rlimit space{pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (1 << 20), RLIM_INFINITY};
    // A stack that was kept from an earlier thread would do.
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 20);
    if (::pthread_setattr_default_np(&attributes) != 0) ::_exit(4);
    if (::setrlimit(RLIMIT_AS, &space) != 0) ::_exit(3);
    Background background(Background::Mode::threaded);
    bool here = false;
    static std::thread::id caller;
    caller = std::this_thread::get_id();
    background.schedule([](void* argument) { *static_cast<bool*>(argument) = std::this_thread::get_id() == caller; }, &here);
    background.drain();
    ::_exit(here ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "it died of signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace rollproof::store::level
