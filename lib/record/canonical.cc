#include "lib/record/canonical.h"

#include <algorithm>

#include "lib/record/json_text.h"
#include "lib/record/utf8.h"

namespace rollproof::record {

namespace {

using json::Document;
using json::Kind;
using json::Value;

struct Member {
  std::u16string name;
  size_t occurrence;  // 1 for the first of this name
  Value value;
};

// Sorted by name, those of one name in the order of the text.
std::vector<Member> sorted_members(const Value& object) {
  std::vector<Member> members;
  for (const Value& child : object.children()) members.push_back({json::code_units(child.name()), 1, child});
  std::stable_sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.name < b.name; });
  for (size_t i = 1; i < members.size(); ++i) {
    if (members[i].name == members[i - 1].name) members[i].occurrence = members[i - 1].occurrence + 1;
  }
  return members;
}

void append_units(std::string& out, const std::u16string& units) {
  static const char hex[] = "0123456789abcdef";
  out += '"';
  for (size_t i = 0; i < units.size(); ++i) {
    const char16_t unit = units[i];
    const bool pair = unit >= 0xd800 && unit <= 0xdbff && i + 1 < units.size() && units[i + 1] >= 0xdc00 && units[i + 1] <= 0xdfff;
    if (pair) {
      append_utf8(out, 0x10000 + ((unit - 0xd800u) << 10) + (units[++i] - 0xdc00u));
    } else if (unit == '"' || unit == '\\') {
      out += '\\';
      out += static_cast<char>(unit);
    } else if (unit < 0x20 || (unit >= 0xd800 && unit <= 0xdfff)) {
      out += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) out += hex[unit >> shift & 15];
    } else {
      append_utf8(out, unit);
    }
  }
  out += '"';
}

std::string scalar_text(const Value& value, const CanonicalOptions& options) {
  if (value.kind() == Kind::number && options.decimal_numbers) return json::decimal_of(value.raw());
  if (value.kind() != Kind::string) return std::string(value.raw());
  std::string text;
  append_units(text, json::code_units(value.raw()));
  return text;
}

// Recursion is bounded by json::kDepthMax, here and below.
void append_canonical(std::string& out, const Value& value, const CanonicalOptions& options) {
  if (value.kind() == Kind::array) {
    out += '[';
    bool first = true;
    for (const Value& child : value.children()) {
      if (!first) out += ',';
      first = false;
      append_canonical(out, child, options);
    }
    out += ']';
  } else if (value.kind() == Kind::object) {
    out += '{';
    bool first = true;
    const auto append_member = [&](const std::u16string& name, const Value& child) {
      if (!first) out += ',';
      first = false;
      append_units(out, name);
      out += ':';
      append_canonical(out, child, options);
    };
    if (options.key_order) {
      for (const Member& member : sorted_members(value)) append_member(member.name, member.value);
    } else {
      for (const Value& child : value.children()) append_member(json::code_units(child.name()), child);
    }
    out += '}';
  } else {
    out += scalar_text(value, options);
  }
}

std::string member_path(const std::string& parent, const Member& member) {
  std::string path = parent;
  const auto plain = [](char16_t unit) {
    return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z') || (unit >= '0' && unit <= '9') || unit == '_';
  };
  if (!member.name.empty() && std::all_of(member.name.begin(), member.name.end(), plain)) {
    path += '.';
    for (const char16_t unit : member.name) path += static_cast<char>(unit);
  } else {
    path += '[';
    append_units(path, member.name);
    path += ']';
  }
  if (member.occurrence > 1) path += "#" + std::to_string(member.occurrence);
  return path;
}

std::string shown(const Value& value) {
  constexpr size_t kShown = 80;
  std::string_view raw = value.raw();
  if (raw.size() <= kShown) return std::string(raw);
  const size_t cut = valid_utf8_prefix(raw.substr(0, kShown));
  return std::string(raw.substr(0, cut)) + "… (" + std::to_string(raw.size()) + " bytes)";
}

class Differ {
 public:
  Differ(const CanonicalOptions& options, size_t limit) : options_(options), limit_(limit) {}

  void compare(const std::string& path, const Value& left, const Value& right) {
    if (full()) return;
    if (left.kind() != right.kind()) {
      add(path, shown(left), shown(right));
    } else if (left.kind() == Kind::array) {
      arrays(path, left.children(), right.children());
    } else if (left.kind() == Kind::object) {
      objects(path, left, right);
    } else if (scalar_text(left, options_) != scalar_text(right, options_)) {
      add(path, shown(left), shown(right));
    }
  }

  std::vector<FieldDifference> take() { return std::move(found_); }

 private:
  bool full() const { return found_.size() >= limit_; }
  void add(std::string path, std::string left, std::string right) {
    if (!full()) found_.push_back({std::move(path), std::move(left), std::move(right)});
  }

  void arrays(const std::string& path, const std::vector<Value>& left, const std::vector<Value>& right) {
    for (size_t i = 0; i < std::max(left.size(), right.size()) && !full(); ++i) {
      const std::string here = path + "[" + std::to_string(i) + "]";
      if (i >= left.size()) {
        add(here, "absent", shown(right[i]));
      } else if (i >= right.size()) {
        add(here, shown(left[i]), "absent");
      } else {
        compare(here, left[i], right[i]);
      }
    }
  }

  void objects(const std::string& path, const Value& left_object, const Value& right_object) {
    const auto left = sorted_members(left_object);
    const auto right = sorted_members(right_object);
    const size_t before = found_.size();
    size_t i = 0;
    size_t j = 0;
    while ((i < left.size() || j < right.size()) && !full()) {
      const auto order = [&] {
        if (i == left.size()) return 1;
        if (j == right.size()) return -1;
        if (const int by_name = left[i].name.compare(right[j].name); by_name != 0) return by_name;
        return left[i].occurrence < right[j].occurrence ? -1 : left[i].occurrence > right[j].occurrence ? 1 : 0;
      }();
      if (order < 0) {
        add(member_path(path, left[i]), shown(left[i].value), "absent");
        ++i;
      } else if (order > 0) {
        add(member_path(path, right[j]), "absent", shown(right[j].value));
        ++j;
      } else {
        compare(member_path(path, left[i]), left[i].value, right[j].value);
        ++i;
        ++j;
      }
    }
    if (!options_.key_order && found_.size() == before && names_of(left_object) != names_of(right_object)) {
      add(path, "members in this order", "members in another order");
    }
  }

  static std::vector<std::u16string> names_of(const Value& object) {
    std::vector<std::u16string> names;
    for (const Value& child : object.children()) names.push_back(json::code_units(child.name()));
    return names;
  }

  const CanonicalOptions& options_;
  const size_t limit_;
  std::vector<FieldDifference> found_;
};

void find_duplicates(const std::string& path, const Value& value, size_t limit, std::vector<std::string>& found) {
  if (found.size() >= limit) return;
  if (value.kind() == Kind::array) {
    size_t index = 0;
    for (const Value& child : value.children()) find_duplicates(path + "[" + std::to_string(index++) + "]", child, limit, found);
  } else if (value.kind() == Kind::object) {
    for (const Member& member : sorted_members(value)) {
      if (member.occurrence == 2 && found.size() < limit) found.push_back(member_path(path, Member{member.name, 1, member.value}));
      find_duplicates(member_path(path, member), member.value, limit, found);
    }
  }
}

}  // namespace

std::vector<std::string> normalisations_of(const CanonicalOptions& options) {
  std::vector<std::string> list = {"whitespace between tokens is ignored", "strings are compared by the UTF-16 code units they stand for"};
  if (options.key_order) list.push_back("the order of members with different names is ignored");
  if (options.decimal_numbers) list.push_back("numbers are compared by their decimal value, unrounded; -0 is 0");
  return list;
}

std::string canonical_of(const Document& document, const CanonicalOptions& options) {
  std::string text;
  text.reserve(document.text().size());
  append_canonical(text, document.root(), options);
  return text;
}

std::vector<std::string> duplicate_names_of(const Document& document, size_t limit) {
  std::vector<std::string> found;
  find_duplicates("$", document.root(), limit, found);
  return found;
}

std::vector<FieldDifference> field_differences(const Document& left, const Document& right, const CanonicalOptions& options, size_t limit) {
  Differ differ(options, limit);
  differ.compare("$", left.root(), right.root());
  return differ.take();
}

}  // namespace rollproof::record
