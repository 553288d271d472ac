#!/usr/bin/env python3
"""bench_table.py RESULTS.json…: the figures of the drill beside what somebody would use instead, as ratios of one run."""
import json
import sys

# What of ours, beside which other way, and what it is.
ROWS = [
    ("crash images enumerated and hashed", "EnumerateAndHash/0", "EachImageFromItsName", "each image from the beginning of the trace"),
    ("crash images recovered and checked", "CheckedCrashImages", "CrashAndReopenOnDisk", "LevelDB reopened after a crash, on disk"),
    ("crash images recovered and checked", "CheckedCrashImages", "CrashAndReopenInMemory", "the same in memory (tmpfs)"),
    ("crash images recovered and checked", "CheckedCrashImages", "CloneOpenAndScan", "the floor: a clone opened and read, nothing checked"),
    ("failed calls, recovered and checked", "FailedCalls", "SqliteOutOfMemoryLoop", "SQLite's loop: a failed allocation and a check"),
    ("failed allocations, recovered and checked", "FailedAllocations", "SqliteOutOfMemoryLoop", "the same"),
    ("process deaths, recovered and checked", "ProcessDeaths", "StartRealProcess", "a real process started, nothing checked"),
    ("process deaths, recovered and checked", "ProcessDeaths", "StraceKillsAtACall", "strace kills a real process at a call"),
    ("process deaths, recovered and checked", "ProcessDeaths", "ForkAndKill", "the floor: a child forked and killed"),
]


def main(paths):
    rate = {}
    for path in paths:
        for one in json.load(open(path, encoding="utf-8"))["benchmarks"]:
            if "per_second" in one:
                rate[one["name"].removesuffix("/real_time")] = one["per_second"]
    print(f"{'what':<42} {'per second':>12}  {'beside':<52} {'per second':>12} {'ratio':>9}")
    missing = []
    for what, ours, other, words in ROWS:
        if ours not in rate or other not in rate:
            missing.append(other if ours in rate else ours)
            continue
        print(f"{what:<42} {rate[ours]:>12,.0f}  {words:<52} {rate[other]:>12,.0f} {rate[ours] / rate[other]:>9.2f}")
    for name in sorted(set(missing)):
        print(f"not measured: {name}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
