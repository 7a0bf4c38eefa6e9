# SPDX-License-Identifier: Apache-2.0
"""The commands that the documents print: those that somebody copies into a shell."""
import collections
import re
import subprocess

from . import build

# line: as it stands there, without prompt and comment, continuation lines joined
Command = collections.namedtuple("Command", "document line")
NO_COMMANDS = ("# ~/", "{", '"Action"')  # how files begin that are shown
PROGRAM = re.compile(r"\$ |(\./)?scripts/|(pail|pailctl|make|mount|umount) ")
ON_OBJECTS = re.compile(r"\bpailctl (cp|versions|tags|presign|restore)\b")  # test_pailctl_examples.py runs them
FSTAB = re.compile(r"\s(fuse\.)?pail\s.*\d\s+\d$")


def blocks_of_markdown(text):
    """(kind, text): what a fence says, or "indented"."""
    for kind, content in re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
        yield kind, content
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for content in re.findall(r"(?:(?<=\n\n)|\A)((?:    .*\n|\n(?=    ))+)", outside):
        yield "indented", re.sub(r"^    ", "", content, flags=re.MULTILINE)


def blocks_of_manual(text):
    for content in re.findall(r"^\.Bd[^\n]*\n(.*?)^\.Ed", text, flags=re.MULTILINE | re.DOTALL):
        yield "shown", content.replace("\\e", "\\").replace("\\&", "").replace("\\-", "-")
    for content in re.findall(r"^\.D[l1] (.*)", text, flags=re.MULTILINE):
        yield "shown", "$ " + content


def joined(lines):
    """With what a line ends in '\\' or '|' continued."""
    held = ""
    for line in lines:
        held += line.strip() if held else line.rstrip()
        if held.endswith(("\\", "|")):
            held = held.rstrip("\\").rstrip() + " "
            continue
        yield held
        held = ""


def commands_of_block(kind, text):
    if kind == "ini" or text.lstrip().startswith(NO_COMMANDS):
        return
    has_prompts = re.search(r"^\$ ", text, flags=re.MULTILINE)
    for line in joined(text.splitlines()):
        if not line.strip() or (kind == "" and not PROGRAM.match(line)):
            continue
        if has_prompts and not line.startswith(("$ ", "export ")):
            continue  # what the command prints
        yield re.sub(r"\s+#\s.*$", "", line.removeprefix("$ ")).strip()


def text_of_try(endpoint="http://127.0.0.1:8000", bucket="try"):
    """What scripts/try says at its end, expanded as it expands it."""
    script = (build.SOURCE_DIR / "scripts" / "try").read_text()
    names = re.findall(r"^readonly (\w+=[\w-]+)$", script, flags=re.MULTILINE)
    shown = re.search(r"^    cat <<NEXT\n(.*?)^NEXT$", script, flags=re.MULTILINE | re.DOTALL)[0].strip()
    return subprocess.run(["bash", "-euc", "%s endpoint=%s bucket=%s\n%s\n" % (" ".join(names), endpoint, bucket, shown)],
                          capture_output=True, text=True, check=True, timeout=30).stdout


def commands_of_try(**names):
    shown = re.finditer(r"^ {4,}(.*)$|^[A-Z][\w ]*: +(\./.*)$", text_of_try(**names), flags=re.MULTILINE)
    return [Command("scripts/try", line) for line in joined(found[1] or found[2] for found in shown)]


def sources():
    for path in ("README.md", "CONTRIBUTING.md", *sorted("docs/" + path.name for path in (build.SOURCE_DIR / "docs").glob("*.md"))):
        yield path, blocks_of_markdown((build.SOURCE_DIR / path).read_text())
    for path in sorted((build.SOURCE_DIR / "man").glob("*.1")):
        yield "man/" + path.name, blocks_of_manual(path.read_text())


def all_commands():
    """Of every document, in its order, each line once a document."""
    found = {Command(path, line): None for path, blocks in sources() for kind, text in blocks for line in commands_of_block(kind, text)}
    return [*found, *commands_of_try()]


def fstab_arguments(line):
    """What mount(8) makes of a line of fstab, or None."""
    if not FSTAB.search(line):
        return None
    source, mountpoint, kind, options = line.split()[:4]
    return ["mount." + kind, source, mountpoint, "-o", options]
