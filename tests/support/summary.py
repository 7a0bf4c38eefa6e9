# SPDX-License-Identifier: Apache-2.0
"""Adds up test results: summary.py FILE_OR_DIRECTORY...

Reads automake's .trs files, with the .log beside each (where a cmocka program names its tests), and pytest's JUnit
.xml files; directories are searched for .trs files. Prints what failed and why what was skipped was, then, as the last
line, "N passed, N failed, N skipped". Exits 1 if anything failed, or if nothing ran at all.
"""

import os
import re
import sys
import xml.etree.ElementTree as ElementTree

CMOCKA_LINE = re.compile(r"^\[ *(OK|FAILED|SKIPPED|ERROR) *\] (?:[^:]*: )?([A-Za-z_]\w*)\s*$", re.MULTILINE)
CMOCKA_VERDICTS = {"OK": "passed", "FAILED": "failed", "ERROR": "failed", "SKIPPED": "skipped"}


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def last_line(text):
    lines = text.strip().splitlines()
    # automake's driver adds a line of its own about the exit status
    lines = [line for line in lines if not re.match(r"^(SKIP|FAIL|ERROR) \S+ \(exit status", line)]
    return lines[-1] if lines else "no word"


def word_before(log, position):
    """What a test printed last before cmocka's line about it, or nothing."""
    lines = log[:position].rstrip("\n").rsplit("\n", 1)
    return "" if lines[-1].startswith("[") else lines[-1].strip()


def tests_of_program(trs_path):
    """Yields (verdict, name, reason) of each test of one program of `make check`."""
    match = re.search(r"^:global-test-result: (\S+)", read(trs_path), re.MULTILINE)
    program_verdict = match.group(1) if match else "ERROR"
    name = os.path.splitext(trs_path)[0]
    log = read(name + ".log") if os.path.exists(name + ".log") else ""
    name = re.sub(r"^.*/(?=tests/)", "", name)
    # A failed test is named twice: when it ends and in the summary.
    named = {}
    for match in CMOCKA_LINE.finditer(log):
        named.setdefault(match.group(2), (match.group(1), word_before(log, match.start())))
    results = [(CMOCKA_VERDICTS[verdict], f"{name}:{test}", word) for test, (verdict, word) in named.items()]
    if program_verdict == "SKIP":
        yield "skipped", name, last_line(log)
        return
    yield from results
    if program_verdict != "PASS" and not any(verdict == "failed" for verdict, _, _ in results):
        yield "failed", name, "the program died" if results else last_line(log)
    elif not results:
        yield "passed", name, ""


def tests_of_junit(xml_path):
    """Yields the same of each test of one run of pytest."""
    for case in ElementTree.parse(xml_path).iter("testcase"):
        name = f"{case.get('classname')}:{case.get('name')}"
        # A test may pass and its fixture's clean-up then fail: that is a failure.
        for verdict, tags in (("failed", ("failure", "error")), ("skipped", ("skipped",))):
            found = [element for tag in tags for element in case.findall(tag)]
            if found:
                yield verdict, name, (found[0].get("message") or "").split("\n")[0][:200]
                break
        else:
            yield "passed", name, ""


def files_of(arguments):
    for argument in arguments:
        if not os.path.isdir(argument):
            yield argument
            continue
        for directory, _, names in sorted(os.walk(argument)):
            yield from (os.path.join(directory, name) for name in sorted(names) if name.endswith(".trs"))


def main(arguments):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in files_of(arguments):
        if not os.path.exists(path):
            results = [("failed", path, "was not written: the run broke off")]
        elif path.endswith(".xml"):
            results = tests_of_junit(path)
        else:
            results = tests_of_program(path)
        for verdict, name, reason in results:
            counts[verdict] += 1
            if verdict != "passed":
                print(f"{verdict}: {name}" + (f": {reason}" if reason else ""))
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
