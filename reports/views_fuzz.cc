// Any bytes as a record, and any bytes as the text in one: a view is made, and is UTF-8 without control characters.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/record/utf8.h"
#include "reports/record_for_tests.h"
#include "reports/views.h"

namespace {

using namespace rollproof;

void require(bool condition) {
  if (!condition) std::abort();
}

// One of the views, which the input chooses, so that more inputs are tried.
void look_at(const reports::Run& run, size_t chosen) {
  const reports::View& view = reports::views()[chosen % reports::views().size()];
  const std::string out = view.render(run);
  require(record::is_utf8(out) && out.size() < (32u << 20));
  for (const char c : out) require(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t');
  if (view.file.ends_with(".json")) require(!reports::TestJson::parse(out, nullptr, false).is_discarded());
  if (view.file.ends_with(".xml")) require(out.find("]]>") == std::string::npos);
  if (view.file.ends_with(".html")) require(out.find("<script") == std::string::npos);
}

reports::TestJson small_record() {
  return reports::record_for_tests(reports::TestJson::array({reports::scenario_for_tests({}), reports::scenario_for_tests({.fault = "memory", .failed = 1}), reports::scenario_for_tests({.phase = "copy", .inconclusive = 1})}));
}

}  // namespace

std::vector<std::string> rollproof_fuzz_seeds() { return {small_record().dump(), R"({"schema_version":1,"scenarios":[{"verdict":"passed","fault":{"fired_count":1}}]})", "]]><script>\x01\xff"}; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const size_t chosen = size == 0 ? 0 : data[size - 1];
  if (auto run = reports::read_run(bytes)) look_at(*run, size);
  reports::TestJson record = small_record();
  reports::put_everywhere(record, bytes);
  look_at(reports::run_of(record).value(), chosen);
  return 0;
}
