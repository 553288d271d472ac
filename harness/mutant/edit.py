#!/usr/bin/env python3
"""Writes the edited copies of a mutant's sources.

edit.py MUTANT ROOT OUT   reads the mutant's file (README.md says how it is written), takes each source below ROOT that it names, and
                          writes the edited copy below OUT under the same path. Fails, naming file and text, unless every text
                          to be replaced is there exactly once: a source that moved on must not turn a mutant into the real program.
"""
import re
import sys
from pathlib import Path

HEADER = ("promise", "mistake", "stories")
BLOCK = re.compile(r"^<<<<\n(.*?)^====\n(.*?)^>>>>\n", re.S | re.M)


class Wrong(Exception):
    pass


def parse(text):
    """(header, [(source, [(find, replace)])]) of a mutant's file."""
    head, *parts = re.split(r"^file: *(\S+)\n", text, flags=re.M)
    header = dict(re.findall(r"^(\w+): *(.+)$", head, re.M))
    missing = [name for name in HEADER if name not in header]
    if missing:
        raise Wrong(f"the header says nothing about: {', '.join(missing)}")
    if not re.fullmatch(r"[1-9]|10", header["promise"]):
        raise Wrong(f"promise {header['promise']} is none of 1 to 10")
    sources = []
    for path, body in zip(parts[::2], parts[1::2]):
        edits = BLOCK.findall(body)
        rest = BLOCK.sub("", body).strip()
        if not edits or rest:
            raise Wrong(f"{path}: expected blocks of <<<<, ====, >>>> and nothing else")
        sources.append((path, edits))
    if not sources:
        raise Wrong("names no file to edit")
    return header, sources


def edited(path, text, edits):
    for find, replace in edits:
        count = text.count(find)
        if count != 1:
            raise Wrong(f"{path}: this text is there {count} times, expected once:\n{find}")
        text = text.replace(find, replace)
    return text


def main():
    mutant, root, out = map(Path, sys.argv[1:4])
    try:
        for path, edits in parse(mutant.read_text())[1]:
            text = edited(path, (root / path).read_text(), edits)
            copy = out / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text)
    except (Wrong, OSError) as wrong:
        sys.exit(f"{mutant.name}: {wrong}")


if __name__ == "__main__":
    main()
