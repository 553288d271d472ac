// Another program, which knows a store and nothing of a migration.
#pragma once

#include <optional>
#include <string>

#include "lib/os/world.h"
#include "lib/store/store.h"

namespace rollproof::subject {

// Opens the store, puts one record (of a LevelDB, without a value, removes it), and closes it; success is durable. A LevelDB is opened as whoever opens it does; into a network file the record is put as a
// new contract, and the rest of the text stays. Code::not_found if there is no such store, or no file of the key's chain, Code::invalid for a key that is
// there in a network file, and for a unified one: it carries a checksum over all of it, so that no other program writes one.
Status foreign_change(os::World& world, const store::Where& where, const std::string& key, const std::optional<std::string>& value);

// Opens a LevelDB and closes it again: names and files are others then, and every record is the same.
Status foreign_look(os::World& world, const store::Where& where);

}  // namespace rollproof::subject
