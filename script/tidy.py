#!/usr/bin/env python3
"""Style as a test: layering, forbidden calls with their replacement, names, lengths, includes.

tidy.py ROOT [--build FOLDER]   checks the files of ROOT, and that the ctest entries of FOLDER reach every test.
Every rule is a function from a Tree to findings; tidy_test.py proves for each one that it can fail.
"""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

LIB_LAYERS = {  # room of lib/ -> the rooms it may include. An arrow that is not here is a mistake or a decision to write down.
    "lib/base": [],
    "lib/os": ["lib/base"],
    "lib/record": ["lib/base"],
    "lib/store": ["lib/record", "lib/os", "lib/base"],
    "lib/journal": ["lib/record", "lib/os", "lib/base"],
    "lib/incident": ["lib/record", "lib/os", "lib/base"],
    "lib/backup": ["lib/store", "lib/record", "lib/os", "lib/base"],
    "lib/migrate": ["lib/backup", "lib/incident", "lib/store", "lib/journal", "lib/record", "lib/os", "lib/base"],
    "lib/rollback": ["lib/migrate", "lib/backup", "lib/incident", "lib/store", "lib/journal", "lib/record", "lib/os", "lib/base"],
    "lib/watch": ["lib/rollback", "lib/migrate", "lib/backup", "lib/incident", "lib/store", "lib/journal", "lib/record", "lib/os",
                  "lib/base"],
    "lib/report": ["lib/rollback", "lib/migrate", "lib/backup", "lib/incident", "lib/store", "lib/journal", "lib/record", "lib/os",
                   "lib/base"],
    "lib/cli": ["lib/*", "reports"],
}
OTHER_LAYERS = {
    "reports": ["lib/base", "lib/record"],
    "fixtures": ["lib/base"],
    "harness/sim": ["lib/os", "lib/base"],
    "harness/model": ["lib/base"],
    # Checkers share no code with what they check: no reader of records, stores, journals or backups but their own.
    "harness/check": ["lib/base/result.h", "lib/os", "harness/sim"],
    "harness": ["lib/*", "harness/*", "reports", "fixtures"],
}
LAYERS = LIB_LAYERS | OTHER_LAYERS

BANNED_NAMES = {"util", "utils", "common", "helper", "helpers", "manager", "managers", "impl"}
LINES_LARGE, LINES_WRONG = 400, 700

DOOR = ("lib/os/", "harness/process/", "harness/drill/workers", "harness/drill/story_process", "harness/drill/pipes", "harness/drill/supervisor", "harness/drill/command_line")
# (pattern, where it is checked, where it is allowed, what to use instead). Tests, fuzz programs and benchmarks are not checked.
FORBIDDEN = [
    (r"\bstd::filesystem\b|\bstd::[io]?fstream\b", ("lib/", "harness/", "reports/"), DOOR, "os::FileSystem and lib/os/paths.h"),
    (r"#include\s*<(?:filesystem|fstream|fcntl\.h|dirent\.h|sys/stat\.h|sys/file\.h|sys/mman\.h)>", ("lib/", "harness/", "reports/"),
     DOOR, "os::FileSystem (lib/os/file_system.h)"),
    (r"(?<![\w.>:])(?:std::|::)?(?:fopen|freopen|fsync|fdatasync|unlink|mkdir|rmdir|pwrite|pread|ftruncate)\s*\(",
     ("lib/", "harness/", "reports/"), DOOR, "os::FileSystem (lib/os/file_system.h)"),
    (r"(?<![\w.>:])::(?:open|rename|remove|stat|read|write|close)\s*\(|\bstd::rename\s*\(", ("lib/", "harness/", "reports/"), DOOR,
     "os::FileSystem (lib/os/file_system.h)"),
    (r"\bstd::j?thread\b(?!::id)|\bstd::async\b|\bpthread_create\b", ("lib/", "harness/", "reports/"),
     ("lib/os/", "lib/cli/", "lib/store/leveldb/background", "lib/store/leveldb/door_env", "harness/process/", "harness/drill/"),
     "a queue run by the caller; threads live in lib/os, lib/cli, LevelDB's Env, harness/process and harness/drill"),
    (r"(?<![\w.>:])(?:std::)?s?rand\s*\(|\bstd::random_device\b|\bstd::mt19937", ("lib/", "harness/", "reports/"), ("lib/os/",),
     "the seeded generator, or os::World for identities"),
    (r"(?<![\w.>:])(?:std::|::)?(?:time\s*\(\s*(?:0|NULL|nullptr|&)|gettimeofday\s*\(|clock_gettime\s*\()"
     r"|\bstd::chrono::(?:system|steady|high_resolution)_clock\b", ("lib/", "harness/", "reports/"),
     ("lib/os/", "harness/process/", "harness/drill/"), "the clock of os::World (lib/os/world.h)"),
    (r"(?<![\w.>:])(?:std::|::)?(?:v?f?printf|f?puts|putchar)\s*\(|\bstd::(?:cout|cerr|clog)\b|\bfmt::print\b", ("lib/", "reports/"),
     ("lib/cli/",), "a Result or an event; only lib/cli speaks to people"),
    (r"\bfmt::print\b", ("lib/cli/",), (), "say (lib/cli/say.h): a full disk behind a redirection must not end a migration"),
    (r"\busing\s+namespace\s+std\s*;", ("",), (), "the full name"),
]

# Written in two halves, so that this file does not name them itself.
BANNED_WORDS = [r"(?<![\w.])/wo" r"rk/", r"\bissue" r" #", r"\bpy" r"pi\.org", r"pythonhosted" r"\.org", r"npm" r"js\.(?:org|com)",
                r"crates" r"\.io", r"proxy\.golang" r"\.org", r"rubygems" r"\.org", r"repo1?\.maven" r"\b"]


class Tree:
    """The files of a checkout (path -> text) and the names and commands of its ctest entries, None when not known."""

    def __init__(self, files, tests=None):
        self.files = dict(files)
        self.tests = tests
        self.rooms = dict(self._declared_rooms())

    def _declared_rooms(self):
        for path, text in self.files.items():
            if not path.endswith("CMakeLists.txt"):
                continue
            text = re.sub(r"#.*", "", text)
            for match in re.finditer(r"\brollproof_room\(\s*([\w/]+)([^)]*)\)", text):
                parts, current = {"USES": [], "TEST_USES": [], "LINKS": []}, None
                for word in match[2].split():
                    if word in parts:
                        current = word
                    elif current:
                        parts[current].append(word)
                yield match[1], (path, parts["USES"], parts["TEST_USES"])

    def sources(self):
        return {path: text for path, text in self.files.items() if path.endswith((".cc", ".h"))}

    def room_of(self, path):
        """The room that a path belongs to: the innermost declared or layered folder around it."""
        folder = path.rpartition("/")[0]
        while folder:
            if folder in self.rooms or folder in LAYERS:
                return folder
            folder = folder.rpartition("/")[0]
        return "/".join(path.split("/")[:2]) if path.startswith("lib/") else path.partition("/")[0]


def includes(text):
    """(line number, included path) of every quoted include."""
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if match:
            yield number, match[1]


def without_comments_and_strings(text):
    """The same number of lines; what is inside comments, string and character literals is gone."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda match: '""' + "\n" * match[0].count("\n"), text)


def is_test(path):
    """Compiled into test programs only; never into a room's library."""
    return path.endswith(("_test.cc", "_test.h", "_fuzz.cc", "_bench.cc"))


def matches(pattern, path):
    if pattern.endswith("/*"):
        return path.startswith(pattern[:-1])
    return path == pattern or path.startswith(pattern + "/")


def layer(tree):
    """Who may include whom."""
    for path, text in tree.sources().items():
        room = tree.room_of(path)
        allowed = next((LAYERS[name] for name in (room, room.partition("/")[0]) if name in LAYERS), None)
        if allowed is None:
            if room.startswith("lib/"):
                yield path, 0, f"the room {room} has no row in the table LAYERS of script/tidy.py"
            continue
        if is_test(path):  # a test may build its world from any room of its side; across the border nothing changes
            allowed = allowed + [f"{path.partition('/')[0]}/*"]
            if room == "harness/check":
                allowed = OTHER_LAYERS["harness"]
        for number, target in includes(text):
            if target in tree.files and not matches(room, target) and not any(matches(name, target) for name in allowed):
                yield path, number, f"{room} may not include {target} (it may: {', '.join(allowed) or 'nothing of ours'})"


def independent_checkers(tree):
    """Through any number of headers, a checker reaches nothing that it checks."""
    allowed = OTHER_LAYERS["harness/check"] + ["harness/check", "lib/base"]
    for path in tree.sources():
        if not path.startswith("harness/check/") or is_test(path):
            continue
        seen, queue = {path: path}, [path]
        while queue:
            at = queue.pop()
            for _, target in includes(tree.files[at]):
                if target in tree.files and target not in seen:
                    seen[target] = at
                    queue.append(target)
        for target, via in seen.items():
            if via != path and not any(matches(name, target) for name in allowed):
                yield path, 0, f"shares {target} with what it checks, through {via}"


def forbidden_call(tree):
    for path, text in tree.sources().items():
        plain = None
        for pattern, scopes, exempt, instead in FORBIDDEN:
            everywhere = scopes == ("",)
            if not path.startswith(scopes) or (not everywhere and is_test(path)) or (exempt and path.startswith(exempt)):
                continue
            if plain is None:
                plain = without_comments_and_strings(text)
            for match in re.finditer(pattern, plain):
                number = plain.count("\n", 0, match.start()) + 1
                yield path, number, f"{match[0].strip()} is forbidden here; use {instead}"


def name(tree):
    for path in tree.files:
        for part in path.split("/"):
            bad = BANNED_NAMES & set(re.split(r"[_.\-]", part.lower()))
            if bad:
                yield path, 0, f"'{bad.pop()}' says nothing; name the idea"


def length(tree):
    for path, text in tree.files.items():
        if path.endswith((".cc", ".h", ".py")) and text.count("\n") > LINES_WRONG:
            yield path, 0, f"{text.count(chr(10))} lines; more than {LINES_WRONG} is two ideas in one file"


def include_from_root(tree):
    for path, text in tree.sources().items():
        for number, target in includes(text):
            if target not in tree.files:
                yield path, number, f'"{target}" is no file of this tree; include from the root, system headers with <>'


def header_used(tree):
    used = {target for path, text in tree.sources().items() for _, target in includes(text) if target != path}
    for path in tree.sources():
        if path.endswith(".h") and path not in used:
            yield path, 0, "nobody includes this header"


def pragma_once(tree):
    for path, text in tree.sources().items():
        if path.endswith(".h") and "#pragma once" not in text:
            yield path, 0, "has no #pragma once"


def test_runs(tree):
    """A test that exists is a test that runs: each test file, fuzz program and scenario is reached by a ctest entry."""
    if tree.tests is None:
        return
    commands = [" ".join(command) for command in tree.tests.values()]
    for path in tree.files:
        for suffix, prefix in (("_test.cc", ""), ("_fuzz.cc", "fuzz.")):
            entry = prefix + path.removesuffix(suffix).replace("/", ".")
            if path.endswith(suffix) and entry not in tree.tests:
                yield path, 0, f"ctest has no entry {entry}; is its folder inside a rollproof_room?"
        if path.startswith("scenarios/") and not path.endswith(".md"):
            folder = path.rpartition("/")[0]
            if not any(path in command or re.search(re.escape(folder) + r"(?:/\*)?(?:\s|$)", command) for command in commands):
                yield path, 0, "no ctest entry runs this scenario (neither it nor its folder is in a command)"


def word(tree):
    for path, text in tree.files.items():
        for pattern in BANNED_WORDS:
            for match in re.finditer(pattern, text):
                yield path, text.count("\n", 0, match.start()) + 1, f"'{match[0]}' does not belong into the project"


def uses(tree):
    """What CMake links is what is included: no cycle, nothing missing, nothing left over."""
    for room, (file, direct, in_tests) in tree.rooms.items():
        seen, queue = set(), list(direct)
        while queue:
            other = queue.pop()
            if other not in seen:
                seen.add(other)
                queue += tree.rooms.get(other, (None, [], []))[1]
        if room in seen:
            yield file, 0, f"{room} uses itself through {', '.join(sorted(seen - {room})) or 'itself'}"
        of_room = {path: text for path, text in tree.sources().items() if tree.room_of(path) == room}
        if not of_room:
            continue
        production, testing = set(), set()
        for path, text in of_room.items():
            test_only = is_test(path)
            for number, target in includes(text):
                other = tree.room_of(target)
                if target not in tree.files or other == room or other not in tree.rooms:
                    continue
                (testing if test_only else production).add(other)
                if other not in direct and not (test_only and other in in_tests):
                    yield path, number, f"includes {target}, but {room} does not say {'TEST_USES' if test_only else 'USES'} {other}"
        for other in direct:
            if other not in production and other not in testing:
                yield file, 0, f"{room} says USES {other}, but includes nothing of it"
        for other in in_tests:
            if other not in testing:
                yield file, 0, f"{room} says TEST_USES {other}, but its tests include nothing of it"


def track_record(tree):
    """Every bug of the track record is kept by something that is there, and every story of a bug has its row."""
    path = "reports/track_record.md"
    text = tree.files.get(path, "")
    stories = {match[1]: file for file, story in tree.files.items() if file.startswith("scenarios/") and file.endswith(".json")
               for match in re.finditer(r'"name":\s*"([^"]+)"', story)}
    for number, line in enumerate(text.splitlines(), 1):
        for match in re.finditer(r"--scenario ([a-z0-9-]+)", line):
            if match[1] not in stories:
                yield path, number, f"there is no story {match[1]}"
        for match in re.finditer(r"(?:ctest --test-dir build -R |/test\.)([\w.]+)(?: --gtest_filter='\*([^*']+))?", line):
            file = match[1].replace(".", "/") + "_test.cc"
            if not re.search(match[2] or "", tree.files.get(file, "")) or file not in tree.files:
                yield path, number, f"{file} holds no test {match[2] or 'at all'}"
    for story, file in stories.items():
        if file.startswith("scenarios/regressions/") and f"--scenario {story}`" not in text:
            yield path, 0, f"no row names the story {story}"


RULES = [layer, independent_checkers, forbidden_call, name, length, include_from_root, header_used, pragma_once, test_runs, word, uses, track_record]


def check(tree):
    """All findings as (rule, path, line, message), sorted."""
    return sorted((rule.__name__, *finding) for rule in RULES for finding in rule(tree))


def large_files(tree):
    return [(path, text.count("\n")) for path, text in sorted(tree.files.items())
            if path.endswith((".cc", ".h", ".py")) and LINES_LARGE < text.count("\n") <= LINES_WRONG]


def files_of(root):
    """Text of every file that is tracked, or would be with `git add`; outside git every file that is not below build*/."""
    try:
        listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                check=True, capture_output=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(root)) for path in root.rglob("*")]
    for path in sorted(filter(None, set(listed))):
        file = root / path
        if path.startswith("build") or not file.is_file():
            continue
        data = file.read_bytes()
        yield path, "" if b"\0" in data[:8000] else data.decode("utf-8", "replace")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("root", type=Path)
    arguments.add_argument("--build", type=Path, help="build folder whose ctest entries are compared with the test files")
    options = arguments.parse_args()
    tests = None
    if options.build:
        shown = subprocess.run(["ctest", "--test-dir", str(options.build), "--show-only=json-v1"], check=True, capture_output=True)
        tests = {test["name"]: test.get("command", []) for test in json.loads(shown.stdout)["tests"]}
    tree = Tree(files_of(options.root), tests)
    for path, lines in large_files(tree):
        print(f"note: {path}: {lines} lines is large")
    findings = check(tree)
    for rule, path, line, message in findings:
        print(f"{path}{f':{line}' if line else ''}: {rule}: {message}")
    print(f"tidy: {len(tree.files)} files, {len(RULES)} rules, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
