# SPDX-License-Identifier: Apache-2.0
"""The work that is measured: what must be in the bucket before, the command of a user, what must be true after it.

The bucket is looked at while the file system is still mounted: what a command left to be sent later does not count as
done. `curl` says how the same bytes are moved without a file system, see curl.py.
"""
import shutil

import curl


class Work:
    """`name` is one of --only, `title` stands in the table; `unit` and `amount` give the rate; `key` is where in the
    bucket it works: kept for all measurements, or new for each (`is_fresh`)."""
    unit = "files"
    is_fresh = True

    def __init__(self, data):
        self.data = data
        self.number = 0
        self.amount = data.file_count
        self.title = self.words % data.file_count
        self.key = self.name

    def prepare(self):
        """Before each measurement."""
        if self.is_fresh or self.number == 0:
            self.key = "%s%d" % (self.name, self.number)
            self.fill()
        self.number += 1

    def tidy(self):
        """After each measurement."""
        if self.is_fresh:
            self.data.delete(self.key)

    def fill(self):
        pass


class LargeWork(Work):
    unit = "MiB"

    def __init__(self, data):
        super().__init__(data)
        self.amount = data.size_bytes / (1 << 20)
        self.title = self.words % size_words(data.size_bytes)


class Write(LargeWork):
    name = "write"
    words = "write %s (`cp`)"

    def command(self, mount):
        return ["cp", self.data.large, mount / self.key]

    def check(self):
        self.data.expect_large_in_bucket(self.key)

    def curl(self, endpoint):
        return curl.PartsUp(self.data, endpoint, self.key)


class Read(LargeWork):
    name = "read"
    words = "read %s (`cp`)"
    is_fresh = False

    def fill(self):
        self.data.put_large(self.key)

    def command(self, mount):
        return ["cp", mount / self.key, self.data.out / "large"]

    def check(self):
        self.data.expect_large_in([self.data.out / "large"])

    def tidy(self):
        (self.data.out / "large").unlink(missing_ok=True)

    def curl(self, endpoint):
        return curl.PartsDown(self.data, endpoint, self.key)


class FilesIn(Work):
    name = "in"
    words = "%d files of 4 KiB in (`cp -r`)"

    def command(self, mount):
        return ["cp", "-r", self.data.small, mount / self.key]

    def check(self):
        self.data.expect_small_in_bucket(self.key)

    def curl(self, endpoint):
        return curl.FilesUp(self.data, endpoint, self.key)


class FilesOut(Work):
    name = "out"
    words = "%d files of 4 KiB out (`cp -r`)"
    is_fresh = False

    def fill(self):
        self.data.put_small(self.key)

    def command(self, mount):
        return ["cp", "-r", mount / self.key, self.data.out / "small"]

    def check(self):
        self.data.expect_small_in(self.data.out / "small")

    def tidy(self):
        shutil.rmtree(self.data.out / "small", ignore_errors=True)

    def curl(self, endpoint):
        return curl.FilesDown(self.data, endpoint, self.key)


class List(Work):
    name = "ls"
    words = "`ls -l` of %d"
    is_fresh = False

    def fill(self):
        self.data.put_small(self.key)

    def command(self, mount):
        return ["ls", "-l", mount / self.key]

    def check(self):
        self.data.expect_listing((self.data.out / "stdout").read_text())

    def curl(self, endpoint):
        return curl.Heads(self.data, endpoint, self.key)


class Remove(Work):
    name = "rm"
    words = "`rm -r` of %d"

    def fill(self):
        self.data.put_small(self.key)

    def command(self, mount):
        return ["rm", "-r", mount / self.key]

    def check(self):
        self.data.expect_nothing(self.key + "/")

    def curl(self, endpoint):
        return curl.Deletes(self.data, endpoint, self.key)


ALL = (Write, Read, FilesIn, FilesOut, List, Remove)


def size_words(size_bytes):
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size_bytes >= 1 << power:
            return "%g %s" % (round(size_bytes / (1 << power), 2), unit)
    return "%d bytes" % size_bytes
