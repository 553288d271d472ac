#include "harness/subject/command.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

namespace rollproof::subject {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t start = text.find_first_not_of(' ');
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

bool read_number(std::string_view word, uint64_t& out) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
  return error == std::errc() && end == word.data() + word.size() && out <= (1u << 24);
}

bool is_phase(std::string_view word) {
  for (const std::string_view known : {"validate", "dual-write", "copy", "prove", "cutover"}) {
    if (word == known) return true;
  }
  return false;
}

}  // namespace

namespace {

std::string text_of(const Command& command) {
  using Kind = Command::Kind;
  const auto& [kind, argument, count, bytes, writes_inside, store, yes, refused, dies_in] = command;
  switch (kind) {
    case Kind::migrate:
      return fmt::format("{}migrate {}", yes ? "yes " : "", argument) + (writes_inside == 0 ? "" : fmt::format(" with {} writes", writes_inside));
    case Kind::rollback: return fmt::format("{}rollback {}", yes ? "yes " : "", argument) + (bytes == 0 ? "" : fmt::format(" because {}", bytes));
    case Kind::recover: return "recover";
    case Kind::put: return fmt::format("put {} {}", argument, bytes);
    case Kind::put_text: return fmt::format("put-text {} {}", argument, bytes);
    case Kind::remove: return "delete " + argument;
    case Kind::batch: return fmt::format("batch {} {}", count, bytes);
    case Kind::damage: return "damage " + argument;
    case Kind::backup: return "backup";
    case Kind::restore: return "restore";
    case Kind::foreign: return fmt::format("foreign {} {} {}", store, argument, bytes);
  }
  return "";
}

}  // namespace

std::string Command::to_string() const { return (refused ? "refused " : "") + text_of(*this) + (dies_in.empty() ? "" : " dies in " + dies_in); }

Result<Command> Command::parse(std::string_view text) {
  auto words = words_of(text);
  const auto refused = [&](const char* why) {
    return fail(Code::invalid, fmt::format("\"{}\" is no command of a story: {}", text, why), "",
                "Known: [yes] migrate PHASE [with N writes], [yes] rollback GOAL [because BYTES], refused COMMAND, recover, put KEY BYTES, put-text KEY BYTES, delete KEY, batch COUNT BYTES, backup, restore, damage source|target|backup, foreign source|target KEY BYTES; and, of all but the last two, \"... dies in STEP\".");
  };
  Command command;
  if (words.size() > 3 && words[words.size() - 3] == "dies" && words[words.size() - 2] == "in") {
    command.dies_in = words.back();
    words.resize(words.size() - 3);
    if (words[0] == "damage" || words[0] == "foreign") return refused("it is no process of ours");
  }
  if (words.empty()) return refused("it is empty");
  if (words[0] == "refused" && words.size() > 1) {
    command.refused = true;
    words.erase(words.begin());
    if (words[0] == "damage" || words[0] == "foreign" || !command.dies_in.empty()) return refused("only a whole command of ours can be refused");
  }
  if (words[0] == "yes") {
    command.yes = true;
    words.erase(words.begin());
    if (words.empty() || (words[0] != "rollback" && words[0] != "migrate")) return refused("only migrate and rollback ask");
  }
  const std::string_view verb = words[0];
  if (verb == "recover" || verb == "backup" || verb == "restore") {
    command.kind = verb == "recover" ? Kind::recover : verb == "backup" ? Kind::backup : Kind::restore;
    if (words.size() != 1) return refused("it takes nothing");
  } else if (verb == "migrate") {
    command.kind = Kind::migrate;
    if (words.size() < 2 || !is_phase(words[1])) return refused("migrate takes a phase");
    command.argument = words[1];
    if (words.size() == 5 && words[2] == "with" && words[4] == "writes") {
      if (!read_number(words[3], command.writes_inside)) return refused("that is no number of writes");
    } else if (words.size() != 2) {
      return refused("migrate takes a phase and maybe \"with N writes\"");
    }
  } else if (verb == "rollback") {
    command.kind = Kind::rollback;
    if (words.size() < 2 || !(words[1] == "source" || is_phase(words[1]))) return refused("rollback takes a phase or \"source\"");
    command.argument = words[1];
    if (words.size() == 4 && words[2] == "because") {
      if (!read_number(words[3], command.bytes) || command.bytes == 0) return refused("that is no length of a reason");
    } else if (words.size() != 2) {
      return refused("rollback takes a goal and maybe \"because BYTES\"");
    }
  } else if (verb == "put" || verb == "put-text") {
    command.kind = verb == "put" ? Kind::put : Kind::put_text;
    if (words.size() != 3 || !read_number(words[2], command.bytes)) return refused("it takes a key and a number of bytes");
    command.argument = words[1];
  } else if (verb == "delete") {
    command.kind = Kind::remove;
    if (words.size() != 2) return refused("delete takes a key");
    command.argument = words[1];
  } else if (verb == "damage") {
    command.kind = Kind::damage;
    if (words.size() != 2 || !(words[1] == "source" || words[1] == "target" || words[1] == "backup")) return refused("damage takes source, target or backup");
    command.argument = words[1];
  } else if (verb == "foreign") {
    command.kind = Kind::foreign;
    if (words.size() != 4 || !(words[1] == "source" || words[1] == "target") || !read_number(words[3], command.bytes)) return refused("foreign takes source or target, a key and a number of bytes");
    command.store = words[1];
    command.argument = words[2];
  } else if (verb == "batch") {
    command.kind = Kind::batch;
    if (words.size() != 3 || !read_number(words[1], command.count) || !read_number(words[2], command.bytes)) {
      return refused("batch takes a count and a number of bytes");
    }
  } else {
    return refused("the first word is unknown");
  }
  return command;
}

}  // namespace rollproof::subject
