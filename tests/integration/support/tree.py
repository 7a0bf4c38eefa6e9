# SPDX-License-Identifier: Apache-2.0
"""Trees of files: made from a seed, and compared by what find and sha256sum say of them."""
import hashlib
import os
import pathlib
import random
import subprocess

FORMAT = "%P %y %m %U %G %s %T@ %l\\n"


def run(*command, **keywords):
    """A program that must succeed; its output."""
    keywords.setdefault("timeout", 550)
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="surrogateescape",
                            stdin=subprocess.DEVNULL, **keywords)
    if result.returncode != 0:
        raise AssertionError("%s: exit status %d\n%s%s" % (" ".join(map(str, command)), result.returncode,
                                                           result.stdout[-4000:], result.stderr[-4000:]))
    return result.stdout


def listing(path, directory_sizes=False):
    """Every entry below a path as find prints it, sorted; sizes of directories are no property of a tree."""
    lines = run("find", path, "-mindepth", "1", "-printf", FORMAT).splitlines()
    if not directory_sizes:
        lines = [without_directory_size(line) for line in lines]
    return sorted(lines)


def without_directory_size(line):
    fields = line.split(" ")
    for i in range(1, len(fields)):
        if fields[i] == "d" and len(fields) > i + 4:
            fields[i + 4] = "-"
            break
    return " ".join(fields)


def checksums(path):
    """{relative path: sha256} of every regular file below a path."""
    sums = {}
    for directory, _, names in os.walk(path):
        for name in names:
            file = os.path.join(directory, name)
            if not os.path.islink(file):
                sums[os.path.relpath(file, path)] = sha256(file)
    return sums


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def random_bytes(size, seed):
    return random.Random(seed).randbytes(size)


def write_random(path, size, seed, piece=1 << 20):
    """A file of random bytes from a seed, written piece by piece; its sha256."""
    generator = random.Random(seed)
    digest = hashlib.sha256()
    with open(path, "wb", buffering=0) as file:
        for offset in range(0, size, piece):
            data = generator.randbytes(min(piece, size - offset))
            assert file.write(data) == len(data)
            digest.update(data)
    return digest.hexdigest()


def make(path, seed=1, files=60, owners=((0, 0), (1000, 1000))):
    """A tree with what trees have: depths, modes, owners, times with nanoseconds, symlinks, empty files, odd names."""
    generator = random.Random(seed)
    root = pathlib.Path(path)
    root.mkdir(exist_ok=True)
    directories = [root]
    for i in range(files // 6):
        directory = generator.choice(directories) / ("d%d" % i)
        directory.mkdir()
        directories.append(directory)
    names = ["plain%d", "with space %d", "ümlaut-%d", "percent%%25-%d", "plus+%d", "#hash?%d", "quote'\"%d", "-dash%d"]
    made = []
    for i in range(files):
        file = generator.choice(directories) / (generator.choice(names) % i)
        file.write_bytes(generator.randbytes(generator.choice([0, 1, 100, 4096, 70000, 300000])))
        file.chmod(generator.choice([0o644, 0o600, 0o755, 0o444, 0o640]))
        made.append(file)
    for i in range(max(2, files // 10)):
        link = generator.choice(directories) / ("link%d" % i)
        link.symlink_to(generator.choice(["/absolute/target", "plain1", "../up/and away", "x" * 200]))
        made.append(link)
    for entry in made + directories[:0:-1]:
        if os.geteuid() == 0:
            os.chown(entry, *generator.choice(owners), follow_symlinks=False)
        ns = generator.randrange(10**9, 17 * 10**17) | 1
        os.utime(entry, ns=(ns, ns), follow_symlinks=False)
    return root
