# SPDX-License-Identifier: Apache-2.0
"""Questions to the drivers of tests/support/aws: records of lines, each a word and fields in hexadecimal."""
import subprocess

from support import build


def program(name):
    return build.directory() / "tests" / "support" / "aws" / name


def _line(word, *fields):
    return " ".join([word, *("x" + field.encode("utf-8", "surrogateescape").hex() for field in fields)]) + "\n"


def ask(name, records):
    """Answers to records, each a list of (word, field, …); an answer is a dict from word to the list of its fields."""
    text = "".join("".join(_line(*line) for line in record) + "end\n" for record in records)
    done = subprocess.run([program(name)], input=text.encode(), capture_output=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr.decode()
    answers = [{}]
    for line in done.stdout.decode().splitlines():
        if line == "end":
            answers.append({})
            continue
        word, _, field = line.partition(" ")
        value = bytes.fromhex(field[1:]).decode("utf-8", "surrogateescape") if field else None
        answers[-1].setdefault(word, []).append(value)
    assert answers.pop() == {} and len(answers) == len(records)
    return answers
