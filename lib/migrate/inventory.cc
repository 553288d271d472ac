#include "lib/migrate/inventory.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rollproof::migrate {

Result<Inventory> take_inventory(record::Cursor& cursor, const std::vector<std::string>& known_exceptions) {
  Inventory inventory;
  record::Record record;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor.next(record));
    if (!more) return inventory;
    ++inventory.records;
    inventory.value_bytes += record.value.size();
    inventory.digest.add(record.key, record.value);
    inventory.account.add(record);
    const record::Space space = record::space_of(record.key);
    ++inventory.per_space[space.name];
    const bool excepted = std::any_of(known_exceptions.begin(), known_exceptions.end(), [&](const std::string& exception) {
      return exception == space.name || record.key.starts_with(exception + "-");
    });
    if (excepted) {
      ++inventory.excepted_records;
      inventory.excepted_spaces.insert(space.name);
    }
    for (record::Oddity& oddity : record::oddities_of(record)) {
      ++(excepted ? inventory.expected_oddities : inventory.unexpected_oddities);
      if (inventory.oddities.size() < kOdditiesListed) inventory.oddities.push_back(std::move(oddity));
    }
  }
}

nlohmann::ordered_json to_json(const record::Account& account) {
  return {{"key_bytes", account.key_bytes}, {"value_bytes", account.value_bytes}, {"json_values", account.json_values}, {"other_values", account.other_values},
          {"objects", account.objects}, {"arrays", account.arrays}, {"members", account.members}, {"texts", account.texts}, {"numbers", account.numbers},
          {"numbers_not_javascript", account.numbers_not_javascript}, {"values_not_javascript", account.values_not_javascript}};
}

Result<Inventory> take_inventory(os::World& world, const store::Where& where, const std::vector<std::string>& known_exceptions) {
  ROLLPROOF_ASSIGN(auto opened, store::open_read_only(world, where, {}));
  ROLLPROOF_ASSIGN(auto cursor, opened->scan());
  return take_inventory(*cursor, known_exceptions);
}

}  // namespace rollproof::migrate
