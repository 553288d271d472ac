#include "harness/check/comparison.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>

namespace rollproof::check {
namespace {

constexpr size_t kFindingsMax = 12;
constexpr std::string_view kProbe = "rollproof:way-back-probe:";

class Comparison {
 public:
  Comparison(const Records& before, const std::vector<Write>& writes, const Records& observed, std::string_view store)
      : before_(before), writes_(writes), observed_(observed), store_(store) {}

  std::vector<Finding> run() {
    // From the last batch to the first: what a later batch has decided about a key is no question any more. A batch in flight that
    // can have taken effect is taken to have: that leaves less to explain, so no other choice could do better.
    for (size_t end = writes_.size(); end > 0;) {
      size_t begin = end - 1;
      while (begin > 0 && writes_[begin - 1].batch == writes_[end - 1].batch) --begin;
      batch(begin, end);
      end = begin;
    }
    untouched();
    if (hidden_ > 0) findings_.push_back({findings_.back().promise, "", fmt::format("and {} more records of the {}", hidden_, store_)});
    return std::move(findings_);
  }
  const Integrity& numbers() const { return numbers_; }

 private:
  bool is_as_written(const Write& write) const {
    const std::string* found = observed_.find(write.key);
    return write.value ? found != nullptr && *found == *write.value : found == nullptr;
  }

  void batch(size_t begin, size_t end) {
    bool acknowledged = false;
    for (size_t i = begin; i < end; ++i) acknowledged = acknowledged || writes_[i].acknowledged;
    std::vector<const Write*> open;  // the last write to each key that nothing later has decided
    std::set<std::string_view> here;
    for (size_t i = end; i > begin; --i) {
      const Write& write = writes_[i - 1];
      if (!decided_.contains(write.key) && here.insert(write.key).second) open.push_back(&write);
    }
    bool fits = true;
    for (const Write* write : open) fits = fits && is_as_written(*write);
    if (!fits && !acknowledged) {
      for (const Write* write : open) refused_.emplace(write->key, write);
      return;
    }
    for (const Write* write : open) {
      if (!is_as_written(*write)) missed(*write);
      decided_.insert(write->key);
    }
  }

  // True if what is there for `key` comes from a batch in flight that can not have taken effect as a whole.
  bool is_half_of_a_batch(std::string_view key) const {
    const auto [first, last] = refused_.equal_range(key);
    for (auto at = first; at != last; ++at) {
      if (is_as_written(*at->second)) return true;
    }
    return false;
  }

  void add(int promise, std::string_view key, const std::string& what) {
    if (findings_.size() < kFindingsMax) {
      findings_.push_back({promise, std::string(key), what});
    } else {
      ++hidden_;
    }
  }

  void half(std::string_view key) {
    ++numbers_.changed;
    add(2, key, fmt::format("the {} holds half of a batch: {}", store_, shown(key)));
  }

  void missed(const Write& write) {
    if (is_half_of_a_batch(write.key)) return half(write.key);
    const std::string* found = observed_.find(write.key);
    ++(!write.value ? numbers_.extra : found == nullptr ? numbers_.missing : numbers_.changed);
    if (!write.value) return add(2, write.key, fmt::format("acknowledged delete of {} has come back in the {}", shown(write.key), store_));
    if (found == nullptr) return add(1, write.key, fmt::format("acknowledged write {} is missing in the {}", shown(write.key), store_));
    add(1, write.key, fmt::format("acknowledged write {} has another value in the {}: {}, expected {}", shown(write.key), store_, shown(*found), shown(*write.value)));
  }

  void invented(const Record& record) {
    if (is_half_of_a_batch(record.key)) return half(record.key);
    ++numbers_.extra;
    if (record.key.starts_with(kProbe)) return add(2, record.key, fmt::format("the probe {} was left in the {}", shown(record.key), store_));
    add(2, record.key, fmt::format("the {} holds {}, which nobody wrote", store_, shown(record.key)));
  }

  void lost(const Record& record, const std::string* found) {
    if (is_half_of_a_batch(record.key)) return half(record.key);
    ++(found == nullptr ? numbers_.missing : numbers_.changed);
    if (found == nullptr) return add(1, record.key, fmt::format("record {} is missing in the {}", shown(record.key), store_));
    add(1, record.key, fmt::format("record {} was changed in the {}: {}, expected {}", shown(record.key), store_, shown(*found), shown(record.value)));
  }

  // Both lists are sorted by key.
  void untouched() {
    auto left = before_.sorted.begin();
    auto right = observed_.sorted.begin();
    while (left != before_.sorted.end() || right != observed_.sorted.end()) {
      const bool only_left = right == observed_.sorted.end() || (left != before_.sorted.end() && left->key < right->key);
      const bool only_right = !only_left && (left == before_.sorted.end() || right->key < left->key);
      const std::string& key = only_right ? right->key : left->key;
      ++numbers_.checked;
      if (!decided_.contains(key)) {
        if (only_left) lost(*left, nullptr);
        if (only_right) invented(*right);
        if (!only_left && !only_right && left->value != right->value) lost(*left, &right->value);
      }
      if (!only_right) ++left;
      if (!only_left) ++right;
    }
  }

  const Records& before_;
  const std::vector<Write>& writes_;
  const Records& observed_;
  std::string_view store_;
  std::set<std::string_view> decided_;
  std::multimap<std::string_view, const Write*> refused_;
  std::vector<Finding> findings_;
  Integrity numbers_;
  size_t hidden_ = 0;
};

}  // namespace

std::string shown(std::string_view bytes) {
  std::string text;
  for (const char c : bytes.substr(0, 60)) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 0x20 || byte >= 0x7f ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return bytes.size() > 60 ? text + fmt::format("… ({} bytes)", bytes.size()) : text;
}

std::vector<Finding> compare_with_model(const Records& before, const std::vector<Write>& writes, const Records& observed, std::string_view store, Integrity* numbers) {
  Comparison comparison(before, writes, observed, store);
  auto findings = comparison.run();
  if (numbers != nullptr) *numbers = comparison.numbers();
  return findings;
}

void Integrity::add(const Integrity& other) {
  checked += other.checked;
  missing += other.missing;
  extra += other.extra;
  changed += other.changed;
  duplicated += other.duplicated;
}

std::vector<Finding> compare_with_leader(const Records& leader, const Records& follower, std::string_view store) {
  std::vector<Finding> findings;
  for (const Record& record : follower.sorted) {
    const std::string* leading = leader.find(record.key);
    if (leading != nullptr && *leading == record.value) continue;
    if (findings.size() >= kFindingsMax) break;
    if (leading == nullptr) {
      findings.push_back({2, record.key, fmt::format("the {} holds {}, which the other store does not", store, shown(record.key))});
    } else {
      findings.push_back({1, record.key, fmt::format("record {} is out of step in the {}", shown(record.key), store)});
    }
  }
  return findings;
}

bool holds_untouched(const Records& before, const std::vector<Write>& writes, const Records& observed) {
  if (!observed.readable()) return false;
  std::set<std::string_view> written;
  for (const Write& write : writes) written.insert(write.key);
  for (const Record& record : before.sorted) {
    if (written.contains(record.key)) continue;
    const std::string* found = observed.find(record.key);
    if (found == nullptr || *found != record.value) return false;
  }
  return true;
}

}  // namespace rollproof::check
