#include "lib/cli/output.h"

#include <cstdio>

namespace rollproof::cli {
namespace {

void write(std::FILE* to, std::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

}  // namespace

void Output::out(std::string_view text) {
  if (!held_) return write(stdout, text);
  out_ += text;
}

void Output::err(std::string_view text) {
  if (!held_) return write(stderr, text);
  err_ += text;
}

void Output::stream(std::string_view text) {
  out(text);
  if (!held_ || out_.size() < kHeldBytesMax) return;
  write(stdout, out_);
  out_.clear();
  streamed_ = true;
}

void Output::hold() {
  held_ = true;
  streamed_ = false;
}

void Output::release() {
  held_ = false;
  // What was printed comes before what is said about it.
  write(stdout, out_);
  std::fflush(stdout);
  write(stderr, err_);
  out_.clear();
  err_.clear();
}

void Output::drop() {
  held_ = false;
  out_.clear();
  err_.clear();
}

}  // namespace rollproof::cli
