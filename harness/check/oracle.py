#!/usr/bin/python3
"""An independent oracle: reads a folder that a drill has written out and says what is wrong with it.

usage: oracle.py FOLDER
  FOLDER/expected.json        {key: value text}: what the unified files have to hold
  FOLDER/*.unified.json       the records
  FOLDER/audit.jsonl          the hash chain           (optional)
  FOLDER/notifications.jsonl  one line per announcement (optional)

Exit code 0: nothing is wrong; 1: one finding a line on standard output; 2: usage.
It shares nothing with Rollproof: Python's json finds values and compares them as decimals, a value's bytes are compared as text.
"""

import base64
import decimal
import hashlib
import json
import pathlib
import re
import sys

FRONT = re.compile(r'\{"position":(0|[1-9][0-9]*),"previous":"([0-9a-f]{64})","event":')
BACK = re.compile(r',"hash":"([0-9a-f]{64})"\}')
ENTRY = re.compile(r'\s*("(?:[^"\\]|\\.)*")\s*:\s*')
decimal.getcontext().prec = 10000
sys.setrecursionlimit(20000)  # values may be nested 10,000 deep


class Pairs(list):
    """A JSON object with its members in order; names may come twice."""


def decode(text):
    """Numbers are decimals: exact, however many digits there are."""
    return json.loads(text, parse_float=decimal.Decimal, parse_int=decimal.Decimal, object_pairs_hook=Pairs)


def spans(text, at):
    """The members of the object that begins at `at`: name and the first and last character of its value; and where the object ends."""
    decoder = json.JSONDecoder(parse_float=str, parse_int=str)
    found = []
    if text[at] != "{":
        raise ValueError("expected an object at character %d" % at)
    at += 1
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "}":
            return found, at + 1
        name = ENTRY.match(text, at)
        if not name:
            raise ValueError("expected a name at character %d" % at)
        _, end = decoder.raw_decode(text, name.end())
        found.append((json.loads(name.group(1)), name.end(), end))
        at = end


def record_of(text, at):
    key = value = None
    for name, first, last in spans(text, at)[0]:
        token = text[first:last]
        if name == "key":
            key = json.loads(token).encode("utf-8")
        elif name == "keyBase64":
            key = base64.b64decode(json.loads(token), validate=True)
        elif name == "value":
            value = token.encode("utf-8")
        elif name == "raw":
            value = json.loads(token).encode("utf-8")
        elif name == "base64":
            value = base64.b64decode(json.loads(token), validate=True)
        else:
            raise ValueError("unknown member %r" % name)
    if key is None or value is None:
        raise ValueError("an entry without key or value at character %d" % at)
    return key, value


def read_unified(path, records, say):
    data = path.read_bytes()
    text = data.decode("utf-8")
    members = {name: (first, last) for name, first, last in spans(text, 0)[0]}
    whole = decode(text)
    named = dict(whole)
    if named.get("format") != "rollproof.unified/1":
        say("%s: format %r" % (path.name, named.get("format")))
    if named.get("network") != path.name[: -len(".unified.json")]:
        say("%s: network %r" % (path.name, named.get("network")))
    line = data.rfind(b'  "checksum": ')
    if named.get("checksum") != "sha256:" + hashlib.sha256(data[: max(line, 0)]).hexdigest():
        say("%s: the checksum does not fit" % path.name)
    count = 0
    for _, first, _ in spans(text, members["contracts"][0])[0]:
        for _, entry, _ in spans(text, first)[0]:
            key, value = record_of(text, entry)
            if key in records:
                say("%s: key %r is there twice" % (path.name, key))
            records[key] = value
            count += 1
    if named.get("records") != count:
        say("%s: %s records counted, %d found" % (path.name, named.get("records"), count))


def compare(expected, records, say):
    for key, text in expected.items():
        name = key.encode("utf-8")
        found = records.pop(name, None)
        if found is None:
            say("%s is missing" % key)
        elif found != text.encode("utf-8"):
            say("%s: the text differs: %r, expected %r%s" % (key, found[:80], text[:80], kind_of_difference(found, text)))
    for key in records:
        say("%r is there and nobody expects it" % key)


def kind_of_difference(found, text):
    """Whether numbers and structure survived, for the person who has to find the cause."""
    try:
        return " (equal as decimals)" if decode(found.decode("utf-8")) == decode(text) else " (not equal as decimals)"
    except (ValueError, RecursionError, decimal.InvalidOperation):
        return ""


def lines_of(path, say):
    text = path.read_bytes().decode("utf-8")
    if text and not text.endswith("\n"):
        say("%s: the last line has no end" % path.name)
    return text.split("\n")[:-1]


def read_audit(path, say):
    """Verifies the chain; gives position -> what has to be announced."""
    previous, last, wanted, route_epoch = "0" * 64, 0, {}, decimal.Decimal(0)
    for number, line in enumerate(lines_of(path, say), 1):
        where = "%s line %d: " % (path.name, number)
        front, back = FRONT.match(line), BACK.match(line, len(line) - 75)
        if not front or not back or back.end() != len(line):
            say(where + "not a link of the chain")
            return wanted
        text = line[front.end() : back.start()]
        event = dict(decode(text))
        position = int(front.group(1))
        if front.group(2) != previous:
            say(where + "it does not follow the line before")
        if position <= last:
            say(where + "position %d after %d" % (position, last))
        previous = hashlib.sha256(("%d\n%s\n%s" % (position, front.group(2), text)).encode("utf-8")).hexdigest()
        if back.group(1) != previous:
            say(where + "its hash does not fit its content")
            return wanted
        last = position
        kind = event.get("type")
        if kind == "route":
            if event["epoch"] <= route_epoch:
                say(where + "epoch %s after %s" % (event["epoch"], route_epoch))
            route_epoch = event["epoch"]
        if kind == "operation_begin":
            wanted[position] = "START"
        if kind == "operation_end":
            wanted[position] = "SUCCESS" if event.get("result") == "success" else "FAILED"
        if kind == "safe_stop":
            wanted[position] = "SAFE_STOP"
    return wanted


def read_notifications(path, wanted, say):
    seen = set()
    for number, line in enumerate(lines_of(path, say), 1):
        note = dict(decode(line))
        position = int(note["id"])
        if position in seen:
            say("%s line %d: notification %d went out twice" % (path.name, number, position))
        seen.add(position)
        announced = note.get("result") or note.get("type")
        if wanted.get(position) != announced:
            say("%s line %d: notification %d says %s, the audit trail %s" % (path.name, number, position, announced, wanted.get(position)))
    for position in sorted(set(wanted) - seen):
        say("nobody was notified of %s at position %d" % (wanted[position], position))


def main(folder):
    findings = []

    def attempt(name, work, *arguments):
        try:
            return work(*arguments, findings.append)
        except (ValueError, KeyError, IndexError, TypeError, OSError, RecursionError, decimal.InvalidOperation) as error:
            findings.append("%s can not be read: %s" % (name, error))
            return None

    records = {}
    for path in sorted(folder.glob("*.unified.json")):
        attempt(path.name, read_unified, path, records)
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    compare(expected, records, findings.append)
    audit, notifications = folder / "audit.jsonl", folder / "notifications.jsonl"
    wanted = attempt(audit.name, read_audit, audit) if audit.exists() else {}
    if notifications.exists() or wanted:
        attempt(notifications.name, read_notifications, notifications, wanted or {})
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1], "expected.json").is_file():
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(pathlib.Path(sys.argv[1])))
