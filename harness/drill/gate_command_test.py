#!/usr/bin/env python3
"""gate_command_test.py DRILL MUTANTS ROOT: the real command, from a run to the gate, as a CI job uses it.

Holds the records against their schemas (python3-jsonschema, none of our own code), tries each exit code, the shards and the history, and reads the
files for CI that users copy (python3-yaml): every command and every flag in them has to be one of this program.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml
from jsonschema import Draft202012Validator

DRILL, MUTANTS, ROOT = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
NARROW = ["--no-mutants", "--profile", "quick", "--scenario", "rollback-from-validate"]
WITHOUT_MUTANTS = {"evidence": {"mutants_required": False}}


def call(*arguments, program=DRILL, cwd=None):
    done = subprocess.run([str(program), *map(str, arguments)], capture_output=True, text=True, timeout=600, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


def without_comments(text):
    return re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', lambda match: match[1] or "", text, flags=re.S)


class GateCommand(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.schemas = {}
        for name in ("run", "policy", "events", "scenario"):
            schema = json.loads((ROOT / f"reports/schema/{name}.schema.json").read_text())
            Draft202012Validator.check_schema(schema)
            cls.schemas[name] = Draft202012Validator(schema)
        cls.policy = cls.file("policy.json", WITHOUT_MUTANTS)
        cls.code, cls.out, cls.err = call("run", *NARROW, "--policy", cls.policy, "--out", cls.folder / "run", "--history", cls.folder / "history.sqlite")
        cls.path = cls.folder / "run/run.json"
        cls.record = json.loads(cls.path.read_text())

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    @classmethod
    def file(cls, name, content):
        path = cls.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def valid(self, name, document):
        errors = [f"{list(error.absolute_path)}: {error.message[:300]}" for error in self.schemas[name].iter_errors(document)]
        self.assertEqual(errors, [])

    def changed(self, change):
        record = json.loads(json.dumps(self.record))
        change(record)
        return self.file("changed.json", record)

    def gate(self, record, policy=None, *more):
        return call("gate", record, "--policy", policy or self.policy, *more)

    def test_run_is_judged_and_its_record_is_as_the_schema_says(self):
        self.assertEqual(self.code, 0, self.out + self.err)
        self.valid("run", self.record)
        self.valid("policy", self.record["policy"]["effective"])
        self.assertEqual([clause["number"] for clause in self.record["gate"]["clauses"]], list(range(1, 9)))
        self.assertRegex(self.out.splitlines()[-1], r"^exit code 0: done; gate passed\. ")

    def test_events_and_stories_are_as_their_schemas_say(self):
        lines = self.path.with_name("events.jsonl").read_text().splitlines()
        self.assertGreater(len(lines), 10)
        for line in lines:
            self.valid("events", json.loads(line))
        self.assertEqual({json.loads(line)["event"] for line in lines}, {"run", "story", "told", "planned", "case", "done", "ended"})
        self.assertFalse(self.schemas["events"].is_valid({"event": "case", "id": "x"}))
        stories = [path for path in (ROOT / "scenarios").rglob("*.json")]
        self.assertGreater(len(stories), 50)
        for path in stories:
            self.valid("scenario", json.loads(without_comments(path.read_text())))
        self.assertFalse(self.schemas["scenario"].is_valid({"name": "a", "drilled": ["migrat copy"]}))

    def test_schema_refuses_what_a_drill_does_not_write(self):
        for change in (lambda r: r.pop("seed"), lambda r: r.update(surplus=1), lambda r: r["scenarios"][0].update(verdict="good"), lambda r: r["scenarios"][0]["cases"].update(run=-1),
                       lambda r: r["gate"]["clauses"].pop(), lambda r: r["matrix"].update(sha256="x"), lambda r: r.update(schema_version=2)):
            record = json.loads(json.dumps(self.record))
            change(record)
            self.assertFalse(self.schemas["run"].is_valid(record))

    def test_gate_judges_again_and_says_the_same(self):
        code, out, _ = self.gate(self.path)
        self.assertEqual(code, 0)
        self.assertRegex(out.splitlines()[-1], r"^exit code 0: ")
        code, out, _ = self.gate(self.path, None, "--json")
        document = json.loads(out)
        self.assertEqual(document["gate"]["clauses"][:7], self.record["gate"]["clauses"][:7])
        self.assertEqual(document["policy"], self.record["policy"])

    def test_without_mutants_there_is_not_enough_evidence(self):
        self.assertEqual(self.gate(self.path, self.file("empty.json", "{}"))[0], 12)

    def test_each_code(self):
        known = {"id": "*", "owner": "o", "ticket": "t", "reason": "r", "since": "2020-01-01", "expires": "2020-02-01"}
        violated = self.changed(lambda r: r.update(violations_total=1))
        self.assertEqual(self.gate(violated)[0], 11)
        violated = self.changed(lambda r: r.update(violations_total=1))
        self.assertEqual(self.gate(violated, self.file("known.json", WITHOUT_MUTANTS | {"known_failures": {"list": [known | {"since": "2099-01-01", "expires": "2099-02-01"}]}}))[0], 11)
        slow = self.file("slow.json", WITHOUT_MUTANTS | {"recovery": {"limit_s": {"validate": 0.001}}})
        self.assertEqual(self.gate(self.path, slow)[0], 10)
        self.assertEqual(call("run", *NARROW, "--policy", slow, "--out", self.folder / "slow")[0], 10)
        expired = self.file("expired.json", WITHOUT_MUTANTS | {"known_failures": {"list": [known]}})
        self.assertEqual(self.gate(self.path, expired)[0], 14)
        self.assertEqual(self.gate(self.path, self.file("pattern.json", WITHOUT_MUTANTS | {"required": ["nothing.*"]}))[0], 2)
        self.assertEqual(self.gate(self.changed(lambda r: r.update(finished_at="2020-01-01T00:00:00.000Z", started_at="2020-01-01T00:00:00.000Z")))[0], 12)
        self.assertEqual(self.gate(self.changed(lambda r: r["scenarios"].clear()))[0], 12)

    def test_a_matrix_that_shrinks_is_a_regression(self):
        code, out, _ = call("run", "--no-mutants", "--profile", "quick", "--scenario", "validate.crash.*", "--policy", self.file("lenient.json", {"evidence": {"mutants_required": False, "steps_percent_min": 0}}), "--baseline",
                            self.path, "--out", self.folder / "narrower")
        self.assertEqual(code, 13, out)
        self.assertIn("the matrix has shrunk", out)
        narrower = json.loads((self.folder / "narrower/run.json").read_text())
        self.valid("run", narrower)
        self.assertTrue(narrower["baseline"]["comparable"])

    def test_a_violation_is_11_whatever_the_policy(self):
        name, stories = "damage-before-the-start-not-said", "rollback-from-validate"
        if not (MUTANTS / f"mutant.{name}").exists():
            self.skipTest("no mutants were built")
        lenient = self.file("all.json", {"evidence": {"mutants_required": False, "inconclusive_max": 1000000, "steps_percent_min": 0}, "pass_rate": {"planned_percent_min": 0, "judged_percent_min": 0}})
        code, out, err = call("run", "--no-mutants", "--profile", "catch", "--scenario", stories, "--policy", lenient, "--out", self.folder / "mutant", program=MUTANTS / f"mutant.{name}")
        self.assertEqual(code, 11, f"{name}: {out[-2000:]} {err[-2000:]}")
        record = json.loads((self.folder / "mutant/run.json").read_text())
        self.valid("run", record)
        self.assertEqual(record["gate"]["exit_code"], 11)
        self.assertEqual(record["gate"]["clauses"][0]["verdict"], "failed")

    def test_what_is_no_record_is_refused(self):
        text = self.path.read_text()
        for bad in (text[: len(text) // 2], "", "null", "[]", '"run"', "\x00\xff", text.replace('"scenarios"', '"scenario"', 1), text.replace('"violations_total": 0', '"violations_total": -1')):
            code, out, err = self.gate(self.file("bad.json", bad))
            self.assertEqual(code, 2, bad[:80])
            self.assertEqual(out, "")
            self.assertIn("exit code 2", err.splitlines()[-1])
        self.assertEqual(self.gate(self.folder / "nowhere.json")[0], 2)
        self.assertEqual(self.gate(self.folder)[0], 2)

    def test_edited_counts_are_red(self):
        def edit(place, value):
            def change(record):
                at = record
                for key in place[:-1]:
                    at = at[key]
                at[place[-1]] = value
            return change
        for place, value in ((("scenarios", 0, "cases", "planned"), 1), (("scenarios", 0, "verdicts", "passed"), 0), (("scenarios", 0, "verdicts", "failed"), 1), (("matrix", "planned"), 1), (("coverage", "cases", "run"), 1),
                             (("matrix", "sha256"), "0" * 64), (("scenarios", 0, "verdict"), "not_run")):
            code, out, _ = self.gate(self.changed(edit(place, value)))
            self.assertIn(code, (11, 12), place)
            self.assertIn("contradicts itself", out)
        failed = self.changed(lambda r: r["scenarios"][0]["verdicts"].update(failed=1, passed=r["scenarios"][0]["verdicts"]["passed"] - 1))
        self.assertEqual(self.gate(failed)[0], 11, "passed by its own word, with a failed case")

    def test_a_mistake_in_the_policy_costs_no_drill(self):
        for content, hint in (('{"requierd": []}', '"required"'), ("{", "comments are allowed"), ('{"max_age": "soon"}', "7d")):
            out = self.folder / "never"
            code, _, err = call("run", *NARROW, "--policy", self.file("bad-policy.json", content), "--out", out)
            self.assertEqual(code, 2)
            self.assertIn(hint, err)
            self.assertFalse(out.exists())

    def test_shards_merge_into_what_the_gate_accepts(self):
        records = []
        for index in (1, 2, 3):
            code, _, err = call("run", *NARROW, "--shard", f"{index}/3", "--out", self.folder / f"shard-{index}")
            self.assertEqual(code, 0, err)
            records.append(self.folder / f"shard-{index}/run.json")
            self.valid("run", json.loads(records[-1].read_text()))
        code, out, err = call("merge", *records, "--out", self.folder / "merged")
        self.assertEqual(code, 0, err)
        merged = json.loads((self.folder / "merged/run.json").read_text())
        self.valid("run", merged)
        self.assertEqual(merged["scenarios"], self.record["scenarios"])
        self.assertEqual(merged["coverage"], self.record["coverage"])
        self.assertTrue((self.folder / "merged/checklist.md").exists())
        self.assertEqual(self.gate(self.folder / "merged/run.json", None, "--baseline", self.path)[0], 0)
        self.assertEqual(self.gate(records[0])[0], 12)
        for wrong in (records[:2], records + records[:1], [self.path], [self.folder / "nowhere.json"]):
            code, _, err = call("merge", *wrong, "--out", self.folder / "wrong")
            self.assertEqual(code, 2)
            self.assertIn("exit code 2", err.splitlines()[-1])
        self.assertFalse((self.folder / "wrong").exists())
        self.assertEqual(call("run", *NARROW, "--shard", "1/2", "--policy", self.policy)[0], 2)

    def test_history_is_copied_and_a_damaged_one_stops_nothing(self):
        code, _, _ = call("run", *NARROW, "--out", self.folder / "second", "--history", self.folder / "history.sqlite")
        self.assertEqual(code, 0)
        second = json.loads((self.folder / "second/run.json").read_text())
        self.valid("run", second)
        self.assertEqual([run["run_id"] for run in second["history"]], [self.record["run_id"]])
        damaged = self.file("damaged.sqlite", "x" * 5000)
        code, _, err = call("run", *NARROW, "--out", self.folder / "third", "--history", damaged)
        self.assertEqual(code, 0)
        self.assertIn("the drill goes on without it", err)
        self.assertEqual(json.loads((self.folder / "third/run.json").read_text())["history"], [])

    def test_example_policy_is_valid_and_says_its_defaults(self):
        example = ROOT / "reports/policy.example.json"
        document = json.loads(without_comments(example.read_text()))
        self.valid("policy", document)
        _, out, _ = self.gate(self.path, example, "--json")
        defaults = json.loads(self.gate(self.path, self.file("empty.json", "{}"), "--json")[1])["policy"]["effective"]
        effective = json.loads(out)["policy"]["effective"]
        for mine in ("required", "recovery", "known_failures"):
            effective.pop(mine), defaults.pop(mine)
        self.assertEqual(effective, defaults)
        for section, values in defaults.items():
            self.assertIn(section, document)
            self.assertEqual(set(values), set(document[section])) if isinstance(values, dict) else None

    def test_ci_files_parse_and_use_what_there_is(self):
        folder = ROOT / "reports/ci"
        for name in ("github.yml", "gitlab.yml"):
            self.assertIsInstance(yaml.safe_load((folder / name).read_text()), dict)
        flags = {}
        for path in sorted(folder.iterdir()):
            text = path.read_text()
            text = text.replace("script/drill ", "rollproof-drill run ")  # which is what it does
            used = re.findall(r"rollproof-drill ([a-z]+)((?:[^\n'\"|&;\\]|\\\n|'[^'\n]*'|\"[^\"\n]*\")*)", text)
            self.assertTrue(used, path.name)
            for command, rest in used:
                if command not in flags:
                    code, out, _ = call(command, "--help")
                    self.assertEqual(code, 0, f"{path.name}: rollproof-drill {command}")
                    flags[command] = set(re.findall(r"--[a-z][a-z-]*", out))
                self.assertLessEqual(set(re.findall(r"(?<!\S)--[a-z][a-z-]*", rest)), flags[command], f"{path.name}: rollproof-drill {command}")
            for script in re.findall(r"(script/[a-z]+)", text):
                self.assertTrue((ROOT / script).exists(), script)
        self.assertGreaterEqual(set(flags), {"run", "merge", "gate"})

    def test_ci_steps_do_what_they_say(self):
        """The steps behind the shards, as the runner would execute them, without a baseline and with one."""
        github = yaml.safe_load((ROOT / "reports/ci/github.yml").read_text())
        named = {step.get("name"): step.get("run") for step in github["jobs"]["gate"]["steps"]}
        gitlab = yaml.safe_load((ROOT / "reports/ci/gitlab.yml").read_text())
        for name, shards, script in (("github", "shards/shard-{}", named["merge"] + "\n" + named["gate"]), ("gitlab", "drill-{}", "\n".join(gitlab["gate"]["script"]))):
            place = self.folder / f"ci-{name}"
            (place / "rollproof/build").mkdir(parents=True)
            (place / "rollproof/build/rollproof-drill").symlink_to(DRILL)
            (place / "policy.json").write_text(json.dumps(WITHOUT_MUTANTS))
            for index in (1, 2):
                self.assertEqual(call("run", *NARROW, "--shard", f"{index}/2", "--out", place / shards.format(index))[0], 0)
            environment = {"PATH": "/usr/bin:/bin", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}
            for baseline, code in ((None, 0), (self.record, 0), (self.record | {"schema_version": 7}, 2)):
                if baseline:
                    (place / "baseline").mkdir(exist_ok=True)
                    (place / "baseline/run.json").write_text(json.dumps(baseline))
                done = subprocess.run(["sh", "-e", "-c", script], cwd=place, env=environment, capture_output=True, text=True, timeout=600)
                self.assertEqual(done.returncode, code, f"{name}: {done.stdout} {done.stderr}")
            self.assertTrue((place / "drill/run.json").exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
