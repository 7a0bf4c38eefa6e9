# SPDX-License-Identifier: Apache-2.0
"""The arguments of scripts/bench. As a program it only says whether they are right: 0, or 2, or 64 after --help."""
import argparse
import pathlib
import re
import sys

WORKS = ["write", "read", "in", "out", "ls", "rm"]
CLIENTS = ["pail", "s3fs", "curl"]
QUICK_BYTES = 64 << 20
QUICK_FILES = 100
HELP_STATUS = 64


def size(text):
    match = re.fullmatch(r"(\d+)([KMG]?)", text.upper())
    if not match or int(match[1]) == 0:
        raise argparse.ArgumentTypeError("not a size: " + text)
    return int(match[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[match[2]]


def positive(text):
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError("not a number above 0: " + text)
    return int(text)


def milliseconds(text):
    words = text.split(",")
    if not all(re.fullmatch(r"[0-9]{1,5}", word) for word in words):
        raise argparse.ArgumentTypeError("not a list of milliseconds: " + text)
    return list(dict.fromkeys(int(word) for word in words))


def names_of(known):
    def names(text):
        words = text.split(",")
        for word in words:
            if word not in known:
                raise argparse.ArgumentTypeError("%s: not one of %s" % (word, ",".join(known)))
        return words
    return names


class Help(argparse.Action):
    def __call__(self, parser, *_):
        parser.print_help()
        parser.exit(HELP_STATUS)


def parser():
    result = argparse.ArgumentParser(prog="scripts/bench", formatter_class=argparse.ArgumentDefaultsHelpFormatter,
                                     description="Pail beside s3fs, in one run against the same local S3 server.",
                                     add_help=False, allow_abbrev=False)
    add = result.add_argument
    add("-h", "--help", action=Help, nargs=0, default=argparse.SUPPRESS, help="print this")
    add("--quick", action="store_true", default=argparse.SUPPRESS,
        help="64M, 100 files, one run: whether it works, not how fast")
    add("--size", type=size, metavar="SIZE", default="1G", help="of the large file")
    add("--files", type=positive, metavar="N", default=1000, help="how many small files")
    add("--runs", type=positive, metavar="N", default=3, help="of which the median is taken")
    add("--latency", type=milliseconds, metavar="MS,...", default="0,20", help="added to each request")
    add("--only", type=names_of(WORKS), metavar="WORK,...", default=",".join(WORKS), help="what to do")
    add("--clients", type=names_of(CLIENTS), metavar="NAME,...", default=",".join(CLIENTS), help="who does it")
    add("--timeout", type=positive, metavar="S", default=900, help="limit of one command")
    add("--budget", type=positive, metavar="S", default=120,
        help="a client that has spent more on a row is not run again for it")
    add("--pail", type=pathlib.Path, metavar="PATH", default=argparse.SUPPRESS,
        help="the program to measure, instead of building it")
    add("--markdown", type=pathlib.Path, metavar="FILE", default=argparse.SUPPRESS,
        help="put the tables into this file, too: between its two marks, if it has them")
    return result


def parse(arguments):
    options = parser().parse_args(arguments, argparse.Namespace(quick=False, pail=None, markdown=None))
    if options.quick:
        options.size = min(options.size, QUICK_BYTES)
        options.files = min(options.files, QUICK_FILES)
        options.runs = 1
    return options


if __name__ == "__main__":
    parse(sys.argv[1:])
