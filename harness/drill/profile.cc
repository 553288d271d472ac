#include "harness/drill/profile.h"

#include <fmt/format.h>

#include <algorithm>

namespace rollproof::drill {

Result<Profile> Profile::named(std::string_view name) {
  if (name == "quick") {
    return Profile{.name = "quick", .thin = true, .whole_every = 384, .none_every = 512, .torn_every = 1536, .single_every = 4096, .single_back_every = 1024, .single_name_every = 1024, .part_every = 8192, .sector_every = 8192, .suffix_every = 8192,
                   .random_every = 1024, .death_every = 768, .death_back_every = 512, .io_every = 2048, .io_from_every = 8192, .full_every = 64, .look_every = 8192, .look_from_every = 8192,
                   .second_firsts = 1, .second_every = 256, .second_part_every = 256, .intruder_every = 512, .intruder_forward_every = 1536, .foreign_every = 2048, .exhaustive_foreign_every = 96, .cancel_every = 1536, .damage_every = 6144, .lost_every = 6144, .flips = 2, .damage_dead_every = 12288,
                   .variant_every = 1536, .variant_dead_every = 6144, .misread_every = 8192, .allocation_every = 524'287, .allocation_from_every = 1'048'573, .stall_every = 1536, .stall_look_every = 6144, .jump_every = 3072, .random_stories = 1, .over_limit_every = 1536};
  }
  if (name == "catch") {
    return Profile{.name = "catch", .whole_every = 2, .none_every = 2, .torn_every = 16, .single_every = 16, .single_back_every = 16, .single_name_every = 8, .part_every = 32, .sector_every = 64, .suffix_every = 32,
                   .random_every = 8, .death_every = 16, .death_back_every = 16, .io_every = 24, .io_from_every = 48, .look_every = 96, .look_from_every = 384,
                   .second_firsts = 2, .second_every = 8, .second_part_every = 8, .intruder_every = 16, .intruder_forward_every = 96, .foreign_every = 32, .exhaustive_foreign_every = 3, .cancel_every = 96, .damage_every = 48, .lost_every = 48, .damage_dead_every = 96,
                   .variant_every = 48, .variant_dead_every = 96, .misread_every = 384, .stall_every = 384, .stall_look_every = 1024, .jump_every = 384, .random_stories = 4, .over_limit_every = 384};
  }
  if (name == "default") {
    return Profile{.name = "default", .whole_every = 32, .none_every = 112, .torn_every = 128, .single_every = 576, .single_back_every = 160, .single_name_every = 32, .part_every = 1024, .sector_every = 1024, .suffix_every = 1024, .randoms = 1, .exhaustive_randoms = 2, .random_every = 256,
                   .death_every = 116, .death_back_every = 54, .io_every = 2304, .io_from_every = 3072, .look_every = 2304, .exhaustive_looks_every = 8, .look_from_every = 1536, .second_firsts = 1, .second_every = 22,
                   .second_part_every = 32, .intruder_every = 24, .intruder_forward_every = 192, .foreign_every = 176, .exhaustive_foreign_every = 5, .cancel_every = 192, .damage_every = 416, .lost_every = 288, .flips = 2, .exhaustive_damage_every = 64, .exhaustive_lost_every = 4, .damage_dead_every = 384,
                   .variant_every = 92, .variant_dead_every = 192, .misread_every = 2048, .allocation_every = 4999, .stall_every = 448, .stall_look_every = 768, .jump_every = 512, .random_stories = 16, .over_limit_every = 256};
  }
  if (name == "deep" || name == "deepest") {
    return Profile{.name = std::string(name), .randoms = 8, .second_all = true, .second_all_shapes = name == "deepest", .second_firsts = 100, .second_part_every = name == "deepest" ? 1u : 64u, .allocation_every = 257, .allocation_from_every = 1021, .random_stories = 400};
  }
  return fail(Code::invalid, fmt::format("there is no profile \"{}\"", name), "", "Known: quick, default, deep, deepest; and catch, with which the mutants are drilled.");
}

Profile Profile::exhaustive() const {
  Profile all = *this;
  for (uint64_t* every : {&all.whole_every, &all.none_every, &all.torn_every, &all.single_every, &all.single_back_every, &all.single_name_every, &all.part_every, &all.sector_every, &all.suffix_every, &all.random_every,
                          &all.death_every, &all.death_back_every, &all.io_every, &all.intruder_every}) {
    *every = 1;
  }
  all.foreign_every = std::min(all.foreign_every, all.exhaustive_foreign_every);
  // Each file at each point, and of the many ways to damage it some.
  all.damage_every = std::min(all.damage_every, all.exhaustive_damage_every);
  all.lost_every = std::min(all.lost_every, all.exhaustive_lost_every);
  all.damage_dead_every = std::min(all.damage_dead_every, all.exhaustive_damage_every);
  // Every operation of each recovery that is crashed again; from how many first crashes stays the profile's choice, and so do the parts of one.
  all.second_part_every *= all.second_every;
  all.second_every = 1;
  all.randoms = std::max(all.randoms, exhaustive_randoms);
  return all;
}

}  // namespace rollproof::drill
