# SPDX-License-Identifier: Apache-2.0
"""What a core dump of a running process would show, taken as gcore takes it: stopped, without the mappings that are marked to be left out."""
import array
import itertools
import os
import re
import signal

PAGE = os.sysconf("SC_PAGE_SIZE")
HEADER = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)")


def mappings(pid):
    """(from, to, name) of what gcore would write: everything readable that is not marked and has memory of its own."""
    found = []
    with open("/proc/%d/smaps" % pid) as table:
        for line in table:
            header = HEADER.match(line)
            if header:
                begin, end, rights, name = header.groups()
                own = False
            elif line.startswith(("Anonymous:", "Swap:")):
                own = own or not line.endswith(" 0 kB\n")
            elif line.startswith("VmFlags:"):
                if own and rights[0] == "r" and not {"dd", "io", "pf"} & set(line.split()[1:]):
                    found.append((int(begin, 16), int(end, 16), name.strip() or "anonymous"))
    return found


def runs(pagemap, begin, end):
    """(from, to) of the pages that are there, in memory or swapped out: of the address space of threads most are not."""
    pagemap.seek(begin // PAGE * 8)
    entries = array.array("Q", pagemap.read((end - begin) // PAGE * 8))
    for is_there, group in itertools.groupby(range(len(entries)), lambda page: entries[page] >> 62 != 0):
        if is_there:
            pages = list(group)
            yield begin + pages[0] * PAGE, begin + (pages[-1] + 1) * PAGE


def pieces(pid):
    """(name, bytes)"""
    with open("/proc/%d/mem" % pid, "rb", buffering=0) as memory, \
            open("/proc/%d/pagemap" % pid, "rb", buffering=0) as pagemap:
        for begin, end, name in mappings(pid):
            for first, last in runs(pagemap, begin, end):
                memory.seek(first)
                yield name, memory.read(last - first)


IS_HEX = bytes(ord("h") if chr(byte) in "0123456789abcdef" else ord(".") for byte in range(256))


def hex_runs(data, length):
    """Where exactly so many hexadecimal digits stand together. A regular expression takes ten times as long."""
    marks = data.translate(IS_HEX)
    run, at = b"h" * length, 0
    while (at := marks.find(run, at)) >= 0:
        end = at + length
        while marks[end:end + 1] == b"h":
            end += 1
        if end - at == length:
            yield at
        at = end


class Image:
    """Of a process that is stopped for as long."""

    def __init__(self, pid):
        os.kill(pid, signal.SIGSTOP)
        try:
            self.pieces = list(pieces(pid))
        finally:
            os.kill(pid, signal.SIGCONT)

    def find(self, needles):
        """["needle, mapping: what is around it"] for all that are there."""
        return ["%r in %s: %r" % (needle, name, data[max(0, at - 48):at + len(needle) + 16])
                for name, data in self.pieces for needle in needles if (at := data.find(needle)) >= 0]

    def find_hex(self, length, words):
        """The same for a set of many words of so many hexadecimal digits."""
        return ["%r in %s: %r" % (data[at:at + length], name, data[max(0, at - 48):at + length + 16])
                for name, data in self.pieces for at in hex_runs(data, length) if data[at:at + length] in words]

    def size(self):
        return sum(len(data) for _, data in self.pieces)
