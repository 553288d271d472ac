// Any bytes: the reader ends, and what it accepts it gives back byte for byte; the canonical form is accepted and its own canonical form.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/record/canonical.h"
#include "lib/record/javascript.h"
#include "lib/record/json.h"
#include "lib/record/space.h"
#include "lib/record/utf8.h"

namespace {

using rollproof::record::json::Document;
using rollproof::record::json::Kind;
using rollproof::record::json::Value;

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_only(std::string_view text, std::string_view allowed) { return text.find_first_not_of(allowed) == std::string_view::npos; }

// The raw spans of the children, with nothing but punctuation between them, are the raw span of the parent.
void reassembles(const Value& value) {
  const auto children = value.children();
  if (value.kind() != Kind::array && value.kind() != Kind::object) return require(children.empty() && !value.raw().empty());
  const char* at = value.raw().data() + 1;
  for (const Value& child : children) {
    require(child.has_name() == (value.kind() == Kind::object));
    const char* begin = child.has_name() ? child.name().data() : child.raw().data();
    require(is_only({at, static_cast<size_t>(begin - at)}, " \t\r\n,"));
    if (child.has_name()) {
      const char* name_end = child.name().data() + child.name().size();
      require(is_only({name_end, static_cast<size_t>(child.raw().data() - name_end)}, " \t\r\n:"));
    }
    at = child.raw().data() + child.raw().size();
    reassembles(child);
  }
  const char* end = value.raw().data() + value.raw().size() - 1;
  require(at <= end && is_only({at, static_cast<size_t>(end - at)}, " \t\r\n"));
}

}  // namespace

std::vector<std::string> rollproof_fuzz_seeds() {
  return {R"({"contractName":"LookCoin","chainId":56,"deploymentArgs":["0x1",1.50,-0,1e400],"a":null})",
          R"({"s":"\ud800 \ud83d\ude00 \u0000 \/","s":[true,false,[[]],{}]})",
          "\r\n{ \"\xc3\xa9\" :\t[ 0.1e-7 ,\n2 ] } \n", "\"\xf0\x9f\x98\x80\"", "[[[[[[[[1]]]]]]]]"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace rollproof::record;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto document = Document::parse(text);
  require(document.has_value() == json::check(text).has_value());
  (void)oddities_of(Record{"56-Fuzz", text});
  if (!document) {
    require(!survives_javascript(text));
    return 0;
  }
  require(is_utf8(text));
  reassembles(document->root());
  for (const bool decimal : {false, true}) {
    const CanonicalOptions options{.decimal_numbers = decimal};
    const std::string canonical = canonical_of(*document, options);
    const auto again = Document::parse(canonical);
    require(again.has_value());
    require(canonical_of(*again, options) == canonical);
    require(field_differences(*document, *again, options).empty());
    require(duplicate_names_of(*document).size() == duplicate_names_of(*again).size());
  }
  return 0;
}
