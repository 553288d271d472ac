// The commands that look ahead: validate and plan.
#include <fmt/format.h>

#include "lib/cli/commands.h"
#include "lib/cli/plan_text.h"
#include "lib/cli/reading.h"
#include "lib/migrate/inventory.h"
#include "lib/migrate/migrate.h"
#include "lib/os/paths.h"

namespace rollproof::cli {
namespace {

// What has to come out the same at the other end, in figures that another program can count as well.
std::string account_text(const migrate::Inventory& inventory) {
  const record::Account& account = inventory.account;
  std::string excepted;
  for (const std::string& space : inventory.excepted_spaces) excepted += (excepted.empty() ? "" : ", ") + space;
  std::string text = fmt::format("{} in {} spaces", grouped(inventory.records - inventory.excepted_records), inventory.per_space.size() - inventory.excepted_spaces.size());
  text += excepted.empty() ? "\n" : fmt::format(", and {} excepted ({})\n", grouped(inventory.excepted_records), excepted);
  text += fmt::format("sealed byte for byte: {} B of keys, {} B of values\n", grouped(account.key_bytes), grouped(account.value_bytes));
  text += fmt::format("  {} JSON values: {} objects with {} members in their order, {} arrays, {} texts\n", grouped(account.json_values), grouped(account.objects),
                      grouped(account.members), grouped(account.arrays), grouped(account.texts));
  text += fmt::format("  {} numbers as they are written, {} of them not as JavaScript would write them\n", grouped(account.numbers), grouped(account.numbers_not_javascript));
  text += fmt::format("  {} values that JavaScript would not give back unchanged, {} that are not JSON\n", grouped(account.values_not_javascript), grouped(account.other_values));
  return text;
}

std::string inventory_text(const migrate::Inventory& inventory) {
  std::string text = fmt::format("{} records, {} of values\n", grouped(inventory.records), bytes_text(inventory.value_bytes));
  for (const auto& [space, count] : inventory.per_space) text += fmt::format("  {:<24} {:>10}\n", space, grouped(count));
  text += account_text(inventory);
  text += fmt::format("digest {}\n", inventory.digest.hex());
  text += fmt::format("oddities: {} ({} in excepted spaces); they are copied as they are\n",
                      inventory.expected_oddities + inventory.unexpected_oddities, inventory.expected_oddities);
  size_t shown = 0;
  for (const auto& oddity : inventory.oddities) {
    if (++shown > 40) {
      text += fmt::format("  … {} more (--json lists up to {})\n", inventory.oddities.size() - 40, migrate::kOdditiesListed);
      break;
    }
    text += fmt::format("  {}: {}: {}\n", oddity.key, oddity.field, oddity.what);
  }
  return text;
}

Json inventory_json(const migrate::Inventory& inventory) {
  Json document{{"records", inventory.records}, {"value_bytes", inventory.value_bytes}, {"spaces", inventory.per_space},
                {"excepted_spaces", inventory.excepted_spaces}, {"excepted_records", inventory.excepted_records}, {"account", migrate::to_json(inventory.account)},
                {"digest", inventory.digest.hex()}, {"oddities_expected", inventory.expected_oddities},
                {"oddities_unexpected", inventory.unexpected_oddities}, {"oddities", Json::array()}};
  for (const auto& oddity : inventory.oddities) document["oddities"].push_back({{"key", oddity.key}, {"field", oddity.field}, {"what", oddity.what}});
  return document;
}

int run_validate(Context& context) {
  auto options = context.session_options();
  options.check = migrate::FingerprintCheck::everything;
  bool sealed = false;
  migrate::Inventory inventory;
  auto outcome = context.with_session(options, [&](migrate::Session& session) -> Status {
    ROLLPROOF_ASSIGN(sealed, migrate::validate(session));
    // What is shown is counted while nobody else can write: behind the session it could be what is half written.
    ROLLPROOF_TRY(session.settle_closed());
    ROLLPROOF_ASSIGN(inventory, migrate::take_inventory(context.world(), session.config().source, session.config().known_exceptions));
    return {};
  });
  if (!outcome) return context.finish(outcome.error());
  context.print(inventory_json(inventory),
                inventory_text(inventory) + (sealed ? "inventory and fingerprint sealed; next: rollproof plan\n"
                                                     : "the migration is past validate: looked, sealed nothing\n"));
  return 0;
}

}  // namespace

void add_validate(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("validate", "phase 1: inventory, integrity, readiness; seals counts and fingerprint");
  command->add_flag("--yes", context.yes, "accept what an ordinary crash of the source's own program left behind");
  command->callback([&context, &run] { run = [&context] { return run_validate(context); }; });
}

void add_plan(CLI::App& app, Context& context, Run& run) {
  auto* command = app.add_subcommand("plan", "numbered steps, sizes, way back; changes nothing");
  command->callback([&context, &run] { run = [&context] { return look_alone(context, [&] { return print_plan(context, migrate::Phase::cutover); }); }; });
}

}  // namespace rollproof::cli
