# Sourced by the other scripts: says where the checkout is and builds in it, from any current folder.
# All output goes to stderr, so that stdout belongs to the program that is run afterwards.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=${ROLLPROOF_JOBS:-$(nproc)}

# build_preset PRESET FOLDER [TARGET…]: configures FOLDER once (ninja repeats that by itself when it has to) and builds.
build_preset() {
  local preset=$1 folder=$root/$2
  shift 2
  {
    if [ ! -f "$folder/build.ninja" ]; then
      (cd "$root" && cmake --preset "$preset" --log-level=NOTICE)
    fi
    ninja -C "$folder" -j "$jobs" --quiet "$@"
  } >&2
}
