# SPDX-License-Identifier: Apache-2.0
"""What Python's os does not have, and errors by their number."""
import ctypes
import errno
import os

AT_FDCWD = -100
RENAME_NOREPLACE = 1
RENAME_EXCHANGE = 2

libc = ctypes.CDLL(None, use_errno=True)


class raises:
    """`with raises(errno.ENOENT):` passes if exactly that (one of those) comes."""

    def __init__(self, *numbers):
        self.numbers = numbers

    def __enter__(self):
        return self

    def __exit__(self, kind, value, _):
        wanted = " or ".join(errno.errorcode[number] for number in self.numbers)
        assert kind is not None, "no error, expected " + wanted
        if not issubclass(kind, OSError):
            return False
        if value.errno not in self.numbers:
            raise AssertionError("%s (%s), expected %s" % (value, errno.errorcode.get(value.errno), wanted)) from value
        return True


def renameat2(source, target, flags):
    if libc.renameat2(AT_FDCWD, os.fsencode(source), AT_FDCWD, os.fsencode(target), flags) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(source), None, str(target))


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data):]


def as_user(uid, function, *arguments):
    """Calls a function in a child process with another user's rights; the errno of its OSError, or 0."""
    child = os.fork()
    if child == 0:
        status = 255
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            function(*arguments)
            status = 0
        except OSError as error:
            status = error.errno
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def open_parents(path):
    """Lets other users pass the private directories of the tests, down to a mount point."""
    for parent in path.parents:
        if str(parent) not in ("/", "/tmp") and parent.stat().st_uid == os.getuid():
            parent.chmod(parent.stat().st_mode | 0o011)
