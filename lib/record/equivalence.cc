#include "lib/record/equivalence.h"

#include <algorithm>
#include <unordered_map>

#include "lib/record/json.h"

namespace rollproof::record {

namespace {

struct Bucket {
  MultisetDigest left;
  MultisetDigest right;
  uint64_t key_bytes = 0;
  bool equal() const { return left == right; }
};

// What both sides said about one key.
struct Seen {
  MultisetDigest left;
  MultisetDigest right;
};
constexpr size_t kBytesPerKey = sizeof(Seen) + sizeof(std::string) + 48;  // with the node and the table of the map

using Visit = std::function<Status(const Record&)>;

Status for_each_record(const CursorFactory& stream, const Visit& visit) {
  ROLLPROOF_ASSIGN(const auto cursor, stream());
  if (!cursor) return fail(Code::internal, "a stream of records without a cursor");
  Record record;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) return {};
    ROLLPROOF_TRY(visit(record));
  }
}

class Comparer {
 public:
  Comparer(const CursorFactory& left, const CursorFactory& right, const CompareOptions& options)
      : left_(left), right_(right), options_(options), buckets_(std::max<size_t>(options.buckets, 1)) {}

  Result<Comparison> run() {
    if (options_.canonical) result_.normalisations = normalisations_of(*options_.canonical);
    ROLLPROOF_TRY(for_each_record(left_, [&](const Record& record) { return count(record, true); }));
    ROLLPROOF_TRY(for_each_record(right_, [&](const Record& record) { return count(record, false); }));
    for (size_t first = 0; first < buckets_.size();) ROLLPROOF_TRY(round(first));
    std::sort(result_.listed.begin(), result_.listed.end(), [](const Difference& a, const Difference& b) { return a.key < b.key; });
    ROLLPROOF_TRY(find_fields());
    if (!(result_.left == result_.right) && result_.difference_count() == 0) {
      return fail(Code::internal, "the digests differ but no key does");
    }
    return std::move(result_);
  }

 private:
  size_t bucket_of(std::string_view key) const { return crc32c(key) % buckets_.size(); }

  // The bytes that stand for a value. Canonical text is JSON, so it never equals the bytes of a value that is not.
  std::string_view compared(const Record& record, std::string& room, bool* duplicate_names = nullptr) const {
    if (!options_.canonical) return record.value;
    const auto document = json::Document::parse(record.value);
    if (!document) return record.value;
    if (duplicate_names != nullptr) *duplicate_names = !duplicate_names_of(*document, 1).empty();
    room = canonical_of(*document, *options_.canonical);
    return room;
  }

  Status count(const Record& record, bool is_left) {
    std::string room;
    bool duplicate_names = false;
    const std::string_view value = compared(record, room, &duplicate_names);
    if (duplicate_names) ++result_.values_with_duplicate_names;
    Bucket& bucket = buckets_[bucket_of(record.key)];
    (is_left ? bucket.left : bucket.right).add(record.key, value);
    (is_left ? result_.left : result_.right).add(record.key, value);
    bucket.key_bytes += record.key.size();
    return {};
  }

  // Takes differing buckets from `first` on while they fit the memory, and moves `first` behind them.
  Status round(size_t& first) {
    std::vector<bool> taken(buckets_.size());
    MultisetDigest expected_left;
    MultisetDigest expected_right;
    uint64_t bytes = 0;
    bool any = false;
    for (; first < buckets_.size(); ++first) {
      const Bucket& bucket = buckets_[first];
      if (bucket.equal()) continue;
      const uint64_t more = bucket.key_bytes + (bucket.left.count() + bucket.right.count()) * kBytesPerKey;
      if (any && bytes + more > options_.memory_bytes_max) break;
      any = true;
      bytes += more;
      taken[first] = true;
      expected_left.merge(bucket.left);
      expected_right.merge(bucket.right);
    }
    if (!any) return {};
    std::unordered_map<std::string, Seen> seen;
    ROLLPROOF_TRY(gather(left_, taken, seen, &Seen::left, expected_left, "left"));
    ROLLPROOF_TRY(gather(right_, taken, seen, &Seen::right, expected_right, "right"));
    judge(seen);
    return {};
  }

  Status gather(const CursorFactory& stream, const std::vector<bool>& taken, std::unordered_map<std::string, Seen>& seen,
                MultisetDigest Seen::*side, const MultisetDigest& expected, const char* name) {
    MultisetDigest found;
    ROLLPROOF_TRY(for_each_record(stream, [&](const Record& record) -> Status {
      if (!taken[bucket_of(record.key)]) return {};
      std::string room;
      const std::string_view value = compared(record, room);
      (seen[record.key].*side).add(record.key, value);
      found.add(record.key, value);
      return {};
    }));
    if (found == expected) return {};
    return fail(Code::refused, std::string("the records of the ") + name + " side changed while they were compared", {},
                "Compare at one instant: stop the writers, or compare snapshots.");
  }

  void judge(const std::unordered_map<std::string, Seen>& seen) {
    std::vector<Difference> found;
    for (const auto& [key, sides] : seen) {
      if (sides.left == sides.right) continue;
      Difference::Kind kind = Difference::Kind::changed;
      if (sides.right.count() == 0) {
        kind = Difference::Kind::missing;
        ++result_.missing;
      } else if (sides.left.count() == 0) {
        kind = Difference::Kind::extra;
        ++result_.extra;
      } else if (sides.left.count() != sides.right.count()) {
        kind = Difference::Kind::duplicated;
        ++result_.duplicated;
      } else {
        ++result_.changed;
      }
      if (kind == Difference::Kind::missing && !options_.lists_missing) continue;
      if (result_.listed.size() + found.size() < options_.listed_max) {
        found.push_back({kind, key, {}});
      } else {
        ++result_.unlisted;
      }
    }
    std::move(found.begin(), found.end(), std::back_inserter(result_.listed));
  }

  // Reads the listed changed values once more and names the fields in which they differ.
  Status find_fields() {
    std::unordered_map<std::string_view, Difference*> wanted;
    for (Difference& difference : result_.listed) {
      if (difference.kind == Difference::Kind::changed) wanted.emplace(difference.key, &difference);
    }
    if (wanted.empty()) return {};
    std::unordered_map<std::string_view, std::string> left_values;
    uint64_t bytes = 0;
    ROLLPROOF_TRY(for_each_record(left_, [&](const Record& record) -> Status {
      const auto found = wanted.find(record.key);
      if (found == wanted.end() || bytes + record.value.size() > options_.memory_bytes_max) return {};
      if (left_values.emplace(found->first, record.value).second) bytes += record.value.size();
      return {};
    }));
    return for_each_record(right_, [&](const Record& record) -> Status {
      const auto found = wanted.find(record.key);
      if (found == wanted.end()) return {};
      const auto left = left_values.find(record.key);
      std::vector<std::string>& fields = found->second->fields;
      if (left == left_values.end()) {
        fields = {"the values are too large to be listed"};
      } else {
        fields = fields_of(left->second, record.value);
        left_values.erase(left);
      }
      return {};
    });
  }

  std::vector<std::string> fields_of(const std::string& left, const std::string& right) const {
    const auto left_document = json::Document::parse(left);
    const auto right_document = json::Document::parse(right);
    std::vector<std::string> fields;
    if (!left_document || !right_document) {
      const size_t same = static_cast<size_t>(std::mismatch(left.begin(), left.end(), right.begin(), right.end()).first - left.begin());
      const auto kind = [](bool is_json) { return is_json ? "JSON" : "no JSON"; };
      fields.push_back(std::string(kind(left_document.has_value())) + " of " + std::to_string(left.size()) + " bytes != " +
                       kind(right_document.has_value()) + " of " + std::to_string(right.size()) + " bytes, first at byte " +
                       std::to_string(same));
      return fields;
    }
    const CanonicalOptions how = options_.canonical.value_or(CanonicalOptions{});
    for (const FieldDifference& field : field_differences(*left_document, *right_document, how, options_.fields_max)) {
      fields.push_back(field.to_string());
    }
    if (fields.empty()) fields.push_back("only whitespace, the order of members or escapes differ");
    return fields;
  }

  const CursorFactory& left_;
  const CursorFactory& right_;
  const CompareOptions options_;
  std::vector<Bucket> buckets_;
  Comparison result_;
};

}  // namespace

std::string_view name_of(Difference::Kind kind) {
  switch (kind) {
    case Difference::Kind::missing: return "missing";
    case Difference::Kind::extra: return "extra";
    case Difference::Kind::changed: return "changed";
    case Difference::Kind::duplicated: return "duplicated";
  }
  return "changed";
}

Result<Comparison> compare(const CursorFactory& left, const CursorFactory& right, const CompareOptions& options) {
  return Comparer(left, right, options).run();
}

}  // namespace rollproof::record
