#include "harness/drill/profile.h"

#include <fmt/format.h>

namespace rollproof::drill {

Result<Profile> Profile::named(std::string_view name) {
  if (name == "quick") {
    return Profile{.name = "quick", .whole_every = 2, .none_every = 2, .torn_every = 16, .single_every = 16, .single_back_every = 16, .part_every = 32, .sector_every = 64, .suffix_every = 32,
                   .random_every = 8, .death_every = 16, .death_back_every = 16, .io_every = 24, .io_from_every = 48, .look_every = 96, .look_from_every = 384,
                   .second_firsts = 2, .second_every = 8, .second_part_every = 8, .intruder_every = 16, .intruder_forward_every = 96, .cancel_every = 96, .damage_every = 48, .damage_dead_every = 96,
                   .variant_every = 48, .variant_dead_every = 96, .stall_every = 384, .stall_look_every = 1024, .jump_every = 384, .over_limit_every = 384};
  }
  if (name == "default") {
    return Profile{.name = "default", .torn_every = 4, .single_every = 32, .single_back_every = 4, .part_every = 160, .sector_every = 160, .suffix_every = 160, .randoms = 1, .random_every = 8,
                   .death_every = 8, .death_back_every = 2, .io_every = 12, .io_from_every = 48, .look_every = 96, .look_from_every = 384, .second_firsts = 2, .second_every = 6,
                   .second_part_every = 32, .intruder_every = 4, .intruder_forward_every = 96, .cancel_every = 96, .damage_every = 32, .damage_dead_every = 128,
                   .variant_every = 16, .variant_dead_every = 64, .stall_every = 96, .stall_look_every = 384, .jump_every = 192, .over_limit_every = 96};
  }
  if (name == "deep") return Profile{.name = "deep", .randoms = 8, .second_firsts = 400, .allocation_every = 257, .allocation_from_every = 1021};
  return fail(Code::invalid, fmt::format("there is no profile \"{}\"", name), "", "Known: quick, default, deep.");
}

}  // namespace rollproof::drill
