#!/usr/bin/env python3
"""record_agrees.py RUN.json EVENTS.jsonl: counts every event again, without the drill's own code, and holds the record against it.

Prints a line for each number that differs and ends with 1; ends with 0 and prints nothing if all agree.
"""
import collections
import json
import sys


def rounded_up(ms):
    """To two digits."""
    unit = 10 ** max(0, len(str(ms)) - 2)
    return -(-ms // unit) * unit


def main(record_path, events_path):
    record = json.load(open(record_path, encoding="utf-8"))
    planned = collections.defaultdict(collections.Counter)
    verdicts, times = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    fired, images, longest = collections.Counter(), collections.Counter(), collections.Counter()
    numbers = collections.defaultdict(collections.Counter)
    control_images, told, violations = 0, [], 0
    real = collections.Counter()
    for line in open(events_path, encoding="utf-8"):
        event = json.loads(line)
        kind = event["event"]
        if kind == "planned":
            for cell in event["cells"]:
                for what in ("planned", "run", "pruned"):
                    planned[cell["id"]][what] += cell[what]
                planned[cell["id"]]["excluded"] += sum(reason["count"] for reason in cell["excluded"])
        elif kind == "told":
            told.append(event["story"])
            control_images += event["images"]
            violations += len(event["violations"])
        elif kind == "died" and event["blames_library"]:
            told.append(event["story"])
            violations += 1
        elif kind == "case":
            scenario = event["id"].split("/", 1)[0]
            verdicts[scenario][event["verdict"]] += 1
            fired[scenario] += event["fired"]
            images[scenario] += event["images"]
            longest[scenario] = max(longest[scenario], event["recovery_ms"])
            times[scenario][rounded_up(event["recovery_ms"])] += 1
            numbers[scenario].update(event["integrity"])
            violations += len(event["violations"])
        elif kind == "real":
            real[event["verdict"]] += 1
            violations += len(event["violations"])

    findings = []

    def same(what, reported, counted):
        if reported != counted:
            findings.append(f"{what}: the record says {reported}, the events {counted}")

    scenarios = {scenario["id"]: scenario for scenario in record["scenarios"]}
    same("scenarios", sorted(scenarios), sorted(planned))
    for name, scenario in scenarios.items():
        run = sum(verdicts[name].values())
        left_out = planned[name]["run"] - run  # was to run, and has no verdict
        excluded = sum(reason["count"] for reason in scenario["cases"]["excluded"])
        same(f"{name}: planned", scenario["cases"]["planned"], planned[name]["planned"])
        same(f"{name}: run", scenario["cases"]["run"], run)
        same(f"{name}: pruned", scenario["cases"]["pruned"], planned[name]["pruned"])
        same(f"{name}: excluded", excluded, planned[name]["excluded"] + left_out)
        for verdict in ("passed", "failed", "inconclusive"):
            same(f"{name}: {verdict}", scenario["verdicts"][verdict], verdicts[name][verdict])
        same(f"{name}: fired", scenario["fault"]["fired_count"], fired[name])
        same(f"{name}: images", scenario["images"], images[name])
        same(f"{name}: recovery_ms", scenario["recovery_ms"], longest[name])
        same(f"{name}: recovery_parts together", sum(scenario["recovery_parts"].values()), longest[name])
        same(f"{name}: integrity", {what: count for what, count in scenario["integrity"].items() if count}, {what: count for what, count in numbers[name].items() if count})
        same(f"{name}: recovery_times", scenario["recovery_times"], {str(ms): count for ms, count in times[name].items()})
    same("controls", [control["story"] for control in record["coverage"]["controls"]], told)
    same("images", record["coverage"]["images"], control_images + sum(images.values()))
    for verdict in ("passed", "failed", "inconclusive"):
        same(f"real cases {verdict}", record["coverage"]["real"][verdict], real[verdict])
    same("violations", record["violations_total"], violations)
    print("".join(finding + "\n" for finding in findings), end="")
    return 1 if findings else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
