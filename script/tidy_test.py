#!/usr/bin/env python3
"""Proves that every rule of tidy.py can fail, and that it does not fail where nothing is wrong."""
import sys
import unittest

import tidy

# Each entry: rule, files to add to the sound tree, and a word that the finding has to contain.
BAD = [
    ("layer", {"lib/os/a.cc": '#include "lib/record/record.h"\n'}, "lib/os may not include lib/record/record.h"),
    ("layer", {"lib/os/b.cc": '#include "harness/sim/disk.h"\n'}, "harness/sim/disk.h"),
    ("layer", {"lib/os/b_test.cc": '#include "harness/sim/disk.h"\n'}, "harness/sim/disk.h"),
    ("layer", {"reports/html.cc": '#include "lib/os/door.h"\n'}, "reports may not"),
    ("layer", {"harness/check/lost.cc": '#include "lib/record/record.h"\n'}, "harness/check may not"),
    ("layer", {"lib/novel/a.cc": "\n"}, "no row in the table"),
    ("independent_checkers", {"harness/check/lost.cc": '#include "harness/sim/reader.h"\n',
                              "harness/sim/reader.h": '#pragma once\n#include "lib/record/record.h"\n'}, "through harness/sim/reader.h"),
    ("forbidden_call", {"lib/cli/a.cc": 'fmt::print("{}", text);\n'}, "lib/cli/say.h"),
    ("forbidden_call", {"lib/record/a.cc": "std::ifstream file(path);\n"}, "os::FileSystem"),
    ("forbidden_call", {"lib/record/a.cc": "#include <fcntl.h>\n"}, "os::FileSystem"),
    ("forbidden_call", {"lib/record/a.cc": 'auto f = fopen("a", "r");\n'}, "os::FileSystem"),
    ("forbidden_call", {"harness/sim/a.cc": "::fsync(fd);\n"}, "os::FileSystem"),
    ("forbidden_call", {"lib/record/a.cc": "std::rename(a, b);\n"}, "os::FileSystem"),
    ("forbidden_call", {"lib/record/a.cc": "::open(path, 0);\n"}, "os::FileSystem"),
    ("forbidden_call", {"lib/record/a.cc": "std::thread worker(work);\n"}, "queue"),
    ("forbidden_call", {"lib/record/a.cc": "int x = rand();\n"}, "seeded generator"),
    ("forbidden_call", {"lib/record/a.cc": "auto t = time(nullptr);\n"}, "clock of os::World"),
    ("forbidden_call", {"harness/sim/a.cc": "auto t = std::chrono::steady_clock::now();\n"}, "clock of os::World"),
    ("forbidden_call", {"lib/record/a.cc": "\n\nstd::printf(text);\n"}, "lib/cli"),
    ("forbidden_call", {"lib/record/a.cc": "std::cout << 1;\n"}, "lib/cli"),
    ("forbidden_call", {"fixtures/a.cc": "using namespace std;\n"}, "full name"),
    ("name", {"lib/os/file_utils.cc": "\n"}, "utils"),
    ("name", {"lib/os/common/a.cc": "\n"}, "common"),
    ("length", {"lib/os/long.cc": "\n" * 701}, "701 lines"),
    ("include_from_root", {"lib/os/a.cc": '#include "door.h"\n'}, "from the root"),
    ("include_from_root", {"lib/os/a.cc": '#include "../os/door.h"\n'}, "from the root"),
    ("header_used", {"lib/os/lonely.h": "#pragma once\n"}, "nobody"),
    ("pragma_once", {"lib/os/twice.h": "int x;\n", "lib/os/a.cc": '#include "lib/os/twice.h"\n'}, "pragma once"),
    ("test_runs", {"lib/os/forgotten_test.cc": "\n"}, "lib.os.forgotten"),
    ("test_runs", {"lib/os/forgotten_fuzz.cc": "\n"}, "fuzz.lib.os.forgotten"),
    ("test_runs", {"scenarios/regressions/torn.json": "{}\n"}, "no ctest entry"),
    ("word", {"README.md": "see /wo" + "rk/main\n"}, "does not belong"),
    ("word", {"README.md": "as issue" + " #12 says\n"}, "does not belong"),
    ("word", {"script/get": "curl https://py" + "pi.org/simple\n"}, "does not belong"),
    ("uses", {"lib/CMakeLists.txt": "rollproof_room(lib/base USES lib/os)\nrollproof_room(lib/os USES lib/base)\n"}, "uses itself"),
    ("uses", {"lib/record/a.cc": '#include "lib/os/door.h"\n'}, "does not say USES lib/os"),
    ("uses", {"lib/record/a_test.cc": '#include "lib/os/door.h"\n'}, "does not say TEST_USES lib/os"),
    ("uses", {"harness/CMakeLists.txt": "rollproof_room(harness/sim USES lib/os lib/base)\n"}, "includes nothing of it"),
    ("track_record", {"reports/track_record.md": "`build/rollproof-drill run --scenario regression-gone`\n"}, "no story regression-gone"),
    ("track_record", {"reports/track_record.md": "`ctest --test-dir build -R lib.os.gone`\n"}, "lib/os/gone_test.cc holds no test at all"),
    ("track_record", {"reports/track_record.md": "`build/lib/test.lib.os.door --gtest_filter='*Gone*'`\n"}, "holds no test Gone"),
    ("track_record", {"scenarios/regressions/torn.json": '{"name": "regression-torn"}\n'}, "no row names the story regression-torn"),
]

SOUND = {
    "lib/CMakeLists.txt": "# rollproof_room(lib/ghost USES lib/ghost)\nrollproof_room(lib/base LINKS x)\n"
                          "rollproof_room(lib/os USES lib/base)\nrollproof_room(lib/record USES lib/base)\n",
    "harness/CMakeLists.txt": "rollproof_room(harness/sim USES lib/os)\n",
    "lib/base/result.h": "#pragma once\n#include <string>\n",
    "lib/os/door.h": '#pragma once\n#include "lib/base/result.h"\n',
    "lib/os/door.cc": '#include "lib/os/door.h"\n// rand() and std::cout in a comment, "std::thread" in a string:\n'
                      'auto text = "std::thread rand()";\nint fd = ::open(path, 0);\nauto now = world.time(0);\n',
    "lib/os/door_test.cc": '#include "lib/os/door.h"\nstd::thread allowed_in_tests;\n',
    "lib/record/record.h": '#pragma once\n#include "lib/base/result.h"\n',
    "lib/record/record.cc": '#include "lib/record/record.h"\nauto store = store::open(where); file.close(); erase(std::remove(a, b, c));\n',
    "harness/sim/disk.h": '#pragma once\n#include "lib/os/door.h"\n',
    "harness/sim/disk.cc": '#include "harness/sim/disk.h"\n',
    "scenarios/quick.json": '{"name": "quick"}\n',
    "reports/track_record.md": "`build/rollproof-drill run --scenario quick` `build/lib/test.lib.os.door --gtest_filter='*allowed*'`\n",
}
TESTS = {"lib.os.door": ["test.lib.os.door"], "drill.quick": ["rollproof-drill", "run", "--config", "/src/scenarios/quick.json"]}


class Rules(unittest.TestCase):
    def test_SoundTreeHasNoFindings(self):
        self.assertEqual(tidy.check(tidy.Tree(SOUND, TESTS)), [])

    def test_EachBadTreeIsFoundByTheRuleNamedForIt(self):
        for rule, files, expected in BAD:
            with self.subTest(rule=rule, files=list(files)):
                messages = [message for found, _, _, message in tidy.check(tidy.Tree(SOUND | files, TESTS)) if found == rule]
                self.assertTrue(any(expected in message for message in messages), f"{expected!r} not in {messages}")

    def test_NoRuleIsWithoutABadTree(self):
        self.assertEqual({rule.__name__ for rule in tidy.RULES} - {rule for rule, _, _ in BAD}, set())

    def test_NoForbiddenPatternIsWithoutABadTree(self):
        texts = [text for rule, files, _ in BAD if rule == "forbidden_call" for text in files.values()]
        for pattern, *_ in tidy.FORBIDDEN:
            self.assertTrue(any(tidy.re.search(pattern, text) for text in texts), pattern)

    def test_LineNumbersSurviveTheRemovalOfComments(self):
        found = tidy.check(tidy.Tree(SOUND | {"lib/record/a.cc": '/* two\nlines */ R"(raw\ntext)";\nstd::cout;\n'}, TESTS))
        self.assertEqual([(rule, line) for rule, _, line, _ in found], [("forbidden_call", 4)])

    def test_LargeFileIsANoteAndNoFinding(self):
        tree = tidy.Tree(SOUND | {"lib/os/large.cc": "\n" * 401}, TESTS)
        self.assertEqual(tidy.large_files(tree), [("lib/os/large.cc", 401)])
        self.assertEqual(tidy.check(tree), [])


if __name__ == "__main__":
    sys.exit(unittest.main())
