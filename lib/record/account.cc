#include "lib/record/account.h"

#include "lib/record/javascript.h"
#include "lib/record/json.h"

namespace rollproof::record {

void Account::add(const Record& record) {
  ++records;
  key_bytes += record.key.size();
  value_bytes += record.value.size();
  Account within;  // counts only if the whole value is JSON
  json::Tokens tokens(record.value);
  json::Token token;
  do {
    if (!tokens.next(token)) {
      ++other_values;
      return;
    }
    switch (token.kind) {
      case json::TokenKind::begin_object: ++within.objects; break;
      case json::TokenKind::begin_array: ++within.arrays; break;
      case json::TokenKind::name: ++within.members; break;
      case json::TokenKind::string: ++within.texts; break;
      case json::TokenKind::number:
        ++within.numbers;
        if (!number_survives_javascript(token.text)) ++within.numbers_not_javascript;
        break;
      default: break;
    }
  } while (token.kind != json::TokenKind::end);
  ++json_values;
  objects += within.objects;
  arrays += within.arrays;
  members += within.members;
  texts += within.texts;
  numbers += within.numbers;
  numbers_not_javascript += within.numbers_not_javascript;
  if (!survives_javascript(record.value)) ++values_not_javascript;
}

}  // namespace rollproof::record
