// What a command prints. A command that looks without the lock does not know until its end whether what it has to say is true: until then
// its output is held back, and thrown away if it is not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rollproof::cli {

class Output {
 public:
  static constexpr size_t kHeldBytesMax = 1 << 20;  // of what is streamed; more held is more memory, and more that can be taken back

  // Text for stdout and stderr; at once, or held. That it can not be written stops no work (say.h).
  void out(std::string_view text);
  void err(std::string_view text);
  // The same for stdout, of any length: what is more than kHeldBytesMax goes out and can not be taken back.
  void stream(std::string_view text);

  // From now on everything is held, until release() lets it out or drop() throws it away. streamed() is false again.
  void hold();
  void release();
  void drop();
  // Since hold() some of it went out already.
  bool streamed() const { return streamed_; }

 private:
  bool held_ = false;
  bool streamed_ = false;
  std::string out_;
  std::string err_;
};

}  // namespace rollproof::cli
