// A lossless reader of JSON text (RFC 8259) for record values: every value keeps the bytes it was written with.
//
// Numbers stay text, escapes stay escapes, lone surrogate escapes and \u0000 are allowed, duplicate names stay visible in their
// order. Text that is not UTF-8, a byte order mark and anything nested deeper than kDepthMax are refused.
// Errors are Code::invalid and read "byte 17: expected ',' or '}', found 'x'".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::record::json {

inline constexpr size_t kDepthMax = 1000;  // arrays and objects within each other

enum class TokenKind : uint8_t { begin_object, end_object, begin_array, end_array, name, string, number, boolean, null, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;  // as written; of a name without its colon; empty at the end
};

// Splits a text into tokens and checks the grammar on the way. Needs one bit of memory per open bracket, and no stack.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  // False: the text is malformed and error() says where. After TokenKind::end no further call.
  [[nodiscard]] bool next(Token& out);
  const Error& error() const { return error_; }
  size_t offset() const { return at_; }  // of the first byte after the last token (and, of a name, its colon)

 private:
  enum class Expect : uint8_t { value, first_element, first_name, name, separator, nothing };

  void skip_space();
  bool refuse(size_t at, std::string_view expected);
  bool open(Token& out, bool object);
  bool close(Token& out);
  bool value(Token& out, std::string_view expected);
  bool name(Token& out, std::string_view expected);
  bool string_end(size_t& at);
  bool number_end(size_t& at);
  bool word(Token& out, std::string_view word, TokenKind kind);
  void after_value() { expect_ = nesting_.empty() ? Expect::nothing : Expect::separator; }

  std::string_view text_;
  size_t at_ = 0;
  Expect expect_ = Expect::value;
  std::vector<bool> nesting_;  // true: object
  Error error_;
};

enum class Kind : uint8_t { null, boolean, number, string, array, object };

class Document;

// One value of a document; valid as long as the document and its text are.
class Value {
 public:
  Kind kind() const;
  std::string_view raw() const;   // exactly the bytes of the text, from the first to the last of this value
  bool has_name() const;          // a member of an object
  std::string_view name() const;  // of a member: as written, with its quotes
  std::vector<Value> children() const;
  // The first member whose decoded name is `name` (UTF-8); nothing if there is none or this is no object.
  std::optional<Value> find(std::string_view name) const;

 private:
  friend class Document;
  Value(const Document& document, uint32_t node) : document_(&document), node_(node) {}
  const Document* document_;
  uint32_t node_;
};

// The tree over a text, which must outlive it: 24 bytes per value, nothing is copied.
class Document {
 public:
  static Result<Document> parse(std::string_view text);  // at most 4 GiB
  Value root() const { return Value(*this, 0); }
  std::string_view text() const { return text_; }

 private:
  friend class Value;
  struct Node {
    Kind kind;
    uint32_t begin, end;            // in the text
    uint32_t name_begin, name_end;  // equal if it has none
    uint32_t next;                  // the node after this one and everything in it
  };
  explicit Document(std::string_view text) : text_(text) {}
  std::string_view text_;
  std::vector<Node> nodes_;  // in the order of the text
};

// Nothing if the text is JSON, otherwise why not.
Status check(std::string_view text);

// The UTF-16 code units that a string token (with quotes) stands for, lone surrogates included. REQUIRES: accepted by Tokens.
std::u16string code_units(std::string_view token);

// The same as UTF-8; nothing if a lone surrogate makes that impossible.
std::optional<std::string> to_utf8(std::string_view token);

// The value of a number token as text, so that equal values have equal texts: "0", "-12e-1", "1e27". A number whose exponent has
// more than 15 digits stays as written. -0 is 0.
std::string decimal_of(std::string_view token);

// Appends `text` as a JSON string, escaping only what must be escaped, as JSON.stringify does. REQUIRES: is_utf8(text).
void append_string(std::string& out, std::string_view text);

}  // namespace rollproof::record::json
