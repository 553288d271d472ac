// A process that tells one story (harness/drill/telling.h), and what is heard of it.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/drill/telling.h"

namespace rollproof::drill {

class StoryProcess {
 public:
  // What one line of the process says.
  struct Message {
    std::optional<OrderedJson> event;
    std::optional<Covered> ready;  // it is planned, and this is covered by now
    std::optional<Telling::End> end;
    std::optional<Error> error;    // instead of an end
  };

  // Begins at once, and waits before the first case until it is told to go on. `in_time` is asked there, behind that.
  // Code::io if there is no process. REQUIRES: one thread. Of `telling` neither what it says nor what it waits for is used.
  static Result<StoryProcess> begin(Telling telling);
  StoryProcess(StoryProcess&& other) noexcept;
  StoryProcess& operator=(StoryProcess&&) = delete;
  // One that is still at work is killed, with its workers.
  ~StoryProcess();

  // Its cases may run. Twice is once.
  void go();
  // To poll; -1 if it has said everything.
  int out() const { return out_; }
  // Takes in what has arrived. False if that was the end.
  bool hear();
  // The next whole line that was heard; nothing yet. Code::internal for one that nobody understands.
  Result<std::optional<Message>> next();
  // Of one that ended without a word: dies of the signal that it died of, so that whoever supervises this process hears of it; or how it exited.
  Error last_words();

 private:
  StoryProcess(pid_t pid, int out, int in) : pid_(pid), out_(out), in_(in) {}
  pid_t pid_;
  int out_, in_;
  std::string text_;
  size_t read_ = 0;  // of the text
};

}  // namespace rollproof::drill
