# SPDX-License-Identifier: Apache-2.0
"""Questions to the drivers of tests/support/aws: records of lines, each a word and fields in hexadecimal."""
import subprocess

from support import build


def program(name):
    return build.directory() / "tests" / "support" / "aws" / name


def _line(word, *fields):
    return " ".join([word, *("x" + field.encode("utf-8", "surrogateescape").hex() for field in fields)]) + "\n"


def _text(record):
    return "".join(_line(*line) for line in record) + "end\n"


def _fill(answer, line):
    word, _, field = line.partition(" ")
    value = bytes.fromhex(field[1:]).decode("utf-8", "surrogateescape") if field else None
    answer.setdefault(word, []).append(value)


def ask(name, records):
    """Answers to records, each a list of (word, field, …); an answer is a dict from word to the list of its fields."""
    text = "".join(map(_text, records))
    done = subprocess.run([program(name)], input=text.encode(), capture_output=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr.decode()
    answers = [{}]
    for line in done.stdout.decode().splitlines():
        if line == "end":
            answers.append({})
        else:
            _fill(answers[-1], line)
    assert answers.pop() == {} and len(answers) == len(records)
    return answers


class Conversation:
    """A driver that is asked one question after the other: whoever serves it knows which question its requests belong to."""

    def __init__(self, name, environment):
        self.process = subprocess.Popen([program(name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)

    def ask(self, record):
        self.process.stdin.write(_text(record))
        self.process.stdin.flush()
        answer = {}
        for line in self.process.stdout:
            if line == "end\n":
                return answer
            _fill(answer, line.rstrip("\n"))
        raise AssertionError(f"the driver has ended: {self.process.wait()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        assert self.process.wait(timeout=120) == 0
        self.process.stdout.close()
