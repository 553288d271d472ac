// The form in which two JSON values are compared, and where they differ. What is considered equal although its bytes differ is
// a declared list, so that a report can print it.
//
// Always: absent and null are different, duplicate names are kept in their order, strings are compared by the UTF-16 code units they
// stand for (lone surrogates and NUL included, nothing normalised), numbers by their text unless decimal_numbers is set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/record/json.h"

namespace rollproof::record {

struct CanonicalOptions {
  bool key_order = true;         // members in another order are equal (those of one name keep their order)
  bool decimal_numbers = false;  // 1, 1.0 and 10e-1 are equal; their digits are never rounded
};

// One sentence for each normalisation that these options apply.
std::vector<std::string> normalisations_of(const CanonicalOptions& options);

// The canonical text: no whitespace, members sorted by code units, minimal escapes (lone surrogates as \udxxx). Two values are
// equal under the options exactly if their canonical texts are.
std::string canonical_of(const json::Document& document, const CanonicalOptions& options = {});

// The paths of members whose name occurs more than once in its object, each once, by name: "$.a.b". At most `limit`.
std::vector<std::string> duplicate_names_of(const json::Document& document, size_t limit = 100);

struct FieldDifference {
  std::string path;   // "$.deploymentArgs[1]", "$[\"odd name\"]", the second of two equal names "$.a#2"
  std::string left;   // as written, shortened; "absent" if it is not there
  std::string right;
  std::string to_string() const { return path + ": " + left + " != " + right; }
  bool operator==(const FieldDifference&) const = default;
};

// Where two values differ, at most `limit` places; empty exactly if their canonical texts are equal (for a limit above 0).
std::vector<FieldDifference> field_differences(const json::Document& left, const json::Document& right,
                                               const CanonicalOptions& options = {}, size_t limit = 100);

}  // namespace rollproof::record
