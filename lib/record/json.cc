#include "lib/record/json.h"

#include <cstring>
#include <limits>

#include "lib/record/json_text.h"
#include "lib/record/utf8.h"

namespace rollproof::record::json {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Moves over bytes of a string that need no look of their own, eight at a time; where it stops, anything may be.
size_t plain_until(std::string_view text, size_t at) {
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  constexpr uint64_t kHighs = 0x8080808080808080ull;
  const auto has_zero = [](uint64_t eight) { return (eight - kOnes) & ~eight & kHighs; };
  for (uint64_t eight; text.size() - at >= sizeof eight; at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    const uint64_t below_space = (eight - kOnes * 0x20) & ~eight & kHighs;
    if ((below_space | has_zero(eight ^ (kOnes * '"')) | has_zero(eight ^ (kOnes * '\\')) | (eight & kHighs)) != 0) break;
  }
  return at;
}

std::string shown(std::string_view text, size_t at) {
  if (at >= text.size()) return "the end of the text";
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte >= 0x20 && byte < 0x7f) return std::string("'") + text[at] + "'";
  static const char digits[] = "0123456789abcdef";
  return std::string("byte 0x") + digits[byte >> 4] + digits[byte & 15];
}

}  // namespace

bool Tokens::refuse(size_t at, std::string_view expected) {
  error_ = Error{Code::invalid, "byte " + std::to_string(at) + ": expected " + std::string(expected) + ", found " + shown(text_, at)};
  return false;
}

void Tokens::skip_space() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
}

bool Tokens::next(Token& out) {
  skip_space();
  switch (expect_) {
    case Expect::value: return value(out, "a value");
    case Expect::first_element:
      if (at_ < text_.size() && text_[at_] == ']') return close(out);
      return value(out, "a value or ']'");
    case Expect::first_name:
      if (at_ < text_.size() && text_[at_] == '}') return close(out);
      return name(out, "a name in quotes or '}'");
    case Expect::name: return name(out, "a name in quotes");
    case Expect::separator: {
      const bool object = nesting_.back();
      if (at_ < text_.size() && text_[at_] == (object ? '}' : ']')) return close(out);
      if (at_ >= text_.size() || text_[at_] != ',') return refuse(at_, object ? "',' or '}'" : "',' or ']'");
      ++at_;
      skip_space();
      return object ? name(out, "a name in quotes") : value(out, "a value");
    }
    case Expect::nothing:
      if (at_ < text_.size()) return refuse(at_, "nothing after the value");
      out = Token{TokenKind::end, {}};
      return true;
  }
  return refuse(at_, "nothing");
}

bool Tokens::open(Token& out, bool object) {
  if (nesting_.size() >= kDepthMax) return refuse(at_, "at most " + std::to_string(kDepthMax) + " arrays and objects within each other");
  nesting_.push_back(object);
  out = Token{object ? TokenKind::begin_object : TokenKind::begin_array, text_.substr(at_, 1)};
  ++at_;
  expect_ = object ? Expect::first_name : Expect::first_element;
  return true;
}

bool Tokens::close(Token& out) {
  out = Token{nesting_.back() ? TokenKind::end_object : TokenKind::end_array, text_.substr(at_, 1)};
  ++at_;
  nesting_.pop_back();
  after_value();
  return true;
}

bool Tokens::value(Token& out, std::string_view expected) {
  if (at_ >= text_.size()) return refuse(at_, expected);
  const size_t begin = at_;
  switch (text_[at_]) {
    case '{': return open(out, true);
    case '[': return open(out, false);
    case 't': return word(out, "true", TokenKind::boolean);
    case 'f': return word(out, "false", TokenKind::boolean);
    case 'n': return word(out, "null", TokenKind::null);
    case '"':
      if (!string_end(at_)) return false;
      out = Token{TokenKind::string, text_.substr(begin, at_ - begin)};
      break;
    default:
      if (text_[at_] != '-' && !is_digit(text_[at_])) return refuse(at_, expected);
      if (!number_end(at_)) return false;
      out = Token{TokenKind::number, text_.substr(begin, at_ - begin)};
  }
  after_value();
  return true;
}

bool Tokens::name(Token& out, std::string_view expected) {
  if (at_ >= text_.size() || text_[at_] != '"') return refuse(at_, expected);
  const size_t begin = at_;
  if (!string_end(at_)) return false;
  out = Token{TokenKind::name, text_.substr(begin, at_ - begin)};
  skip_space();
  if (at_ >= text_.size() || text_[at_] != ':') return refuse(at_, "':'");
  ++at_;
  expect_ = Expect::value;
  return true;
}

bool Tokens::word(Token& out, std::string_view word, TokenKind kind) {
  for (size_t i = 0; i < word.size(); ++i) {
    if (at_ + i >= text_.size() || text_[at_ + i] != word[i]) return refuse(at_ + i, "'" + std::string(word) + "'");
  }
  out = Token{kind, text_.substr(at_, word.size())};
  at_ += word.size();
  after_value();
  return true;
}

// Moves `at` from the opening quote to behind the closing one.
bool Tokens::string_end(size_t& at) {
  const size_t begin = at++;
  bool ascii = true;
  for (;; ++at) {
    at = plain_until(text_, at);
    if (at >= text_.size()) return refuse(at, "'\"' to end the string of byte " + std::to_string(begin));
    const auto byte = static_cast<unsigned char>(text_[at]);
    if (byte == '"') break;
    if (byte < 0x20) return refuse(at, "an escape instead of a control character");
    if (byte >= 0x80) ascii = false;
    if (byte != '\\') continue;
    ++at;
    if (at >= text_.size() || std::string_view("\"\\/bfnrtu").find(text_[at]) == std::string_view::npos) {
      return refuse(at, "one of \" \\ / b f n r t u after the backslash");
    }
    if (text_[at] != 'u') continue;
    for (int i = 0; i < 4; ++i) {
      ++at;
      if (at >= text_.size() || hex_digit(text_[at]) < 0) return refuse(at, "four hexadecimal digits after \\u");
    }
  }
  if (!ascii) {
    const std::string_view inside = text_.substr(begin + 1, at - begin - 1);
    const size_t valid = valid_utf8_prefix(inside);
    if (valid != inside.size()) return refuse(begin + 1 + valid, "UTF-8");
  }
  ++at;
  return true;
}

bool Tokens::number_end(size_t& at) {
  const auto digit = [&] { return at < text_.size() && is_digit(text_[at]); };
  const auto digits = [&] {
    while (digit()) ++at;
  };
  if (text_[at] == '-') ++at;
  if (!digit()) return refuse(at, "a digit");
  if (text_[at] == '0') {
    ++at;
    if (digit()) return refuse(at, "no digit after a leading zero");
  } else {
    digits();
  }
  if (at < text_.size() && text_[at] == '.') {
    ++at;
    if (!digit()) return refuse(at, "a digit after the decimal point");
    digits();
  }
  if (at < text_.size() && (text_[at] == 'e' || text_[at] == 'E')) {
    ++at;
    if (at < text_.size() && (text_[at] == '+' || text_[at] == '-')) ++at;
    if (!digit()) return refuse(at, "a digit of the exponent");
    digits();
  }
  return true;
}

Result<Document> Document::parse(std::string_view text) {
  if (text.size() > std::numeric_limits<uint32_t>::max()) {
    return fail(Code::invalid, "text of " + std::to_string(text.size()) + " bytes, expected less than 4 GiB");
  }
  static_assert(sizeof(Node) == 24);
  Document document(text);
  Tokens tokens(text);
  std::vector<uint32_t> open;
  uint32_t name_begin = 0;
  uint32_t name_end = 0;
  const auto add = [&](Kind kind, std::string_view raw) {
    const auto begin = static_cast<uint32_t>(raw.data() - text.data());
    const auto index = static_cast<uint32_t>(document.nodes_.size());
    document.nodes_.push_back({kind, begin, begin + static_cast<uint32_t>(raw.size()), name_begin, name_end, index + 1});
    name_begin = name_end = 0;
    return index;
  };
  Token token;
  for (;;) {
    if (!tokens.next(token)) return fail(tokens.error());
    switch (token.kind) {
      case TokenKind::begin_object: open.push_back(add(Kind::object, token.text)); break;
      case TokenKind::begin_array: open.push_back(add(Kind::array, token.text)); break;
      case TokenKind::end_object:
      case TokenKind::end_array: {
        Node& node = document.nodes_[open.back()];
        node.end = static_cast<uint32_t>(tokens.offset());
        node.next = static_cast<uint32_t>(document.nodes_.size());
        open.pop_back();
        break;
      }
      case TokenKind::name:
        name_begin = static_cast<uint32_t>(token.text.data() - text.data());
        name_end = name_begin + static_cast<uint32_t>(token.text.size());
        break;
      case TokenKind::string: add(Kind::string, token.text); break;
      case TokenKind::number: add(Kind::number, token.text); break;
      case TokenKind::boolean: add(Kind::boolean, token.text); break;
      case TokenKind::null: add(Kind::null, token.text); break;
      case TokenKind::end: return document;
    }
  }
}

Kind Value::kind() const { return document_->nodes_[node_].kind; }

std::string_view Value::raw() const {
  const auto& node = document_->nodes_[node_];
  return document_->text_.substr(node.begin, node.end - node.begin);
}

bool Value::has_name() const { return document_->nodes_[node_].name_end > 0; }

std::string_view Value::name() const {
  const auto& node = document_->nodes_[node_];
  return document_->text_.substr(node.name_begin, node.name_end - node.name_begin);
}

std::vector<Value> Value::children() const {
  std::vector<Value> all;
  const uint32_t end = document_->nodes_[node_].next;
  for (uint32_t child = node_ + 1; child < end; child = document_->nodes_[child].next) all.push_back(Value(*document_, child));
  return all;
}

std::optional<Value> Value::find(std::string_view name) const {
  if (kind() != Kind::object) return std::nullopt;
  for (const Value& child : children()) {
    const std::string_view written = child.name();
    const std::string_view inside = written.substr(1, written.size() - 2);
    if (inside.find('\\') == std::string_view::npos ? inside == name : to_utf8(written) == name) return child;
  }
  return std::nullopt;
}

Status check(std::string_view text) {
  Tokens tokens(text);
  Token token;
  do {
    if (!tokens.next(token)) return fail(tokens.error());
  } while (token.kind != TokenKind::end);
  return {};
}

}  // namespace rollproof::record::json
