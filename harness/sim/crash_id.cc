#include "harness/sim/crash_id.h"

#include <cctype>
#include <charconv>

namespace rollproof::sim {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool take(std::string_view token) {
    skip_spaces();
    if (text_.substr(at_, token.size()) != token) return false;
    const size_t end = at_ + token.size();
    // A word must end where it ends: "tornado" is not "torn".
    if (std::isalpha(static_cast<unsigned char>(token.back())) && end < text_.size() && std::isalnum(static_cast<unsigned char>(text_[end])) &&
        token != "s" && token != "0x") {
      return false;
    }
    at_ = end;
    return true;
  }
  bool number(uint64_t& value, int base = 10) {
    skip_spaces();
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value, base);
    if (error != std::errc()) return false;
    at_ = static_cast<size_t>(end - text_.data());
    return true;
  }
  bool at_end() {
    skip_spaces();
    return at_ == text_.size();
  }
  tl::unexpected<Error> expected(std::string_view what) const {
    return fail(Code::invalid, "crash id \"" + std::string(text_.substr(0, 200)) + "\": expected " + std::string(what) + " at " + std::to_string(at_));
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  std::string_view text_;
  size_t at_ = 0;
};

Result<Loss> parse_loss(Reader& in) {
  Loss loss;
  if (!in.number(loss.ordinal)) return in.expected("the number of an operation");
  if (!in.take(".")) return loss;
  if (in.take("data")) {
    loss.part = Loss::Part::data;
  } else if (in.take("noise")) {
    loss.part = Loss::Part::noise;
  } else if (in.take("from")) {
    loss.part = Loss::Part::from;
  } else if (in.take("s")) {
    uint64_t sector = 0;
    if (!in.number(sector) || sector > UINT32_MAX) return in.expected("the number of a sector");
    loss.part = Loss::Part::sector;
    loss.sector = static_cast<uint32_t>(sector);
  } else {
    return in.expected("data, noise, from or s with a number");
  }
  return loss;
}

Status parse_shape(Reader& in, CrashId& id) {
  if (in.take("torn")) {
    id.shape = CrashId::Shape::torn;
    if (!in.number(id.number)) return in.expected("a number of bytes");
    if (in.take("sized")) id.rest = CrashId::Rest::sized;
    else if (in.take("noise")) id.rest = CrashId::Rest::noise;
    return {};
  }
  if (in.take("lose")) {
    id.shape = CrashId::Shape::lose;
    if (!in.take("[")) return in.expected("[");
    do {
      ROLLPROOF_ASSIGN(const Loss loss, parse_loss(in));
      id.losses.push_back(loss);
    } while (in.take(","));
    if (!in.take("]")) return in.expected(", or ]");
    return {};
  }
  if (in.take("keep")) {
    id.shape = CrashId::Shape::keep_none;
    if (in.take("none")) return {};
    id.shape = CrashId::Shape::keep;
    if (!in.number(id.number)) return in.expected("none or a number of operations");
    return {};
  }
  if (in.take("random")) {
    id.shape = CrashId::Shape::random;
    if (!in.take("0x") || !in.number(id.number, 16)) return in.expected("a seed such as 0x1f");
    return {};
  }
  return in.expected("torn, lose, keep or random");
}

std::string text_of(const Loss& loss) {
  std::string text = std::to_string(loss.ordinal);
  switch (loss.part) {
    case Loss::Part::all: return text;
    case Loss::Part::data: return text + ".data";
    case Loss::Part::noise: return text + ".noise";
    case Loss::Part::from: return text + ".from";
    case Loss::Part::sector: return text + ".s" + std::to_string(loss.sector);
  }
  return text;
}

}  // namespace

std::string CrashId::to_string() const {
  std::string text = "crash(after " + std::to_string(after);
  switch (shape) {
    case Shape::whole:
      break;
    case Shape::torn:
      text += ", torn " + std::to_string(number) + (rest == Rest::sized ? " sized" : rest == Rest::noise ? " noise" : "");
      break;
    case Shape::lose:
      for (size_t i = 0; i < losses.size(); ++i) text += (i == 0 ? ", lose [" : ",") + text_of(losses[i]);
      text += "]";
      break;
    case Shape::keep:
      text += ", keep " + std::to_string(number);
      break;
    case Shape::keep_none:
      text += ", keep none";
      break;
    case Shape::random: {
      char digits[17];
      const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
      text += ", random 0x" + std::string(digits, end);
      break;
    }
  }
  return text + ")";
}

Result<CrashId> CrashId::parse(std::string_view text) {
  Reader in(text);
  CrashId id;
  if (!in.take("crash") || !in.take("(") || !in.take("after")) return in.expected("crash(after");
  if (!in.number(id.after)) return in.expected("a number of operations");
  if (in.take(",")) ROLLPROOF_TRY(parse_shape(in, id));
  if (!in.take(")")) return in.expected(id.shape == Shape::whole ? ", or )" : ")");
  if (!in.at_end()) return in.expected("the end");
  return id;
}

}  // namespace rollproof::sim
