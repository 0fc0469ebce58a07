"""A Dockerfile as values, and its commands carried out where there is no Docker engine.

Every layer lies over this machine's own files (overlayfs) in a mount namespace of its own: commands see the paths that
they name, write there, and nothing of it reaches the machine. That takes root's rights and Linux.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pathspec import PathSpec

PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"  # as in the image of Python
FIRST_OF_PEOPLE = 1000  # the UIDs and GIDs from here on are not taken in the image of Python

# $FILES over this machine's become a root, with this interpreter's Python as /usr/local. If $CACHE is a folder, nothing
# else can be written to but /tmp. The process keeps its number all the way, so that it can be ended by it.
ENTER = """
set -e
mount -t overlay overlay -o "lowerdir=/,upperdir=$FILES,workdir=$WORK" "$ROOT"
mount --bind "$PYTHON" "$ROOT/usr/local"
mount --rbind /dev "$ROOT/dev"
mount -t proc proc "$ROOT/proc"
mount -t tmpfs tmpfs "$ROOT/tmp"
if test -n "$CACHE"; then
    mount --bind "$CACHE" "$ROOT/cache"
    mount -o remount,bind,ro "$ROOT/usr/local"
    mount -o remount,ro "$ROOT"
fi
exec "$@"
"""
AT_HOME = 'HOME=$(getent passwd "$(id -u)" | cut -d: -f6) exec "$@"'


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: `RUN`, its `--flags`, and the text after them."""

    name: str
    flags: tuple[str, ...]
    text: str


Stage = list[Instruction]


def stages(dockerfile: str) -> list[Stage]:
    """The instructions of each stage; its first is `FROM`."""
    found: list[Stage] = []
    for instruction in _instructions(dockerfile):
        if instruction.name == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def _instructions(dockerfile: str) -> list[Instruction]:
    whole_lines = re.sub(r"\\\n", "", re.sub(r"(?m)^\s*#.*\n", "", dockerfile))
    return [_instruction(line) for line in whole_lines.splitlines() if line.strip()]


def _instruction(line: str) -> Instruction:
    name, text = line.split(maxsplit=1)
    flags = []
    while text.startswith("--"):
        flag, text = text.split(maxsplit=1)
        flags.append(flag)
    return Instruction(name, tuple(flags), text.strip())


def command_of(stage: Stage, name: str) -> list[str]:
    """What the stage's last `CMD` says, or the one of its `HEALTHCHECK`: in the form that needs no shell."""
    last = [instruction.text for instruction in stage if instruction.name == name][-1]
    command: list[str] = json.loads(last.removeprefix("CMD "))
    return command


def context_files(root: Path) -> list[str]:
    """The files that the engine would be sent: all that `.dockerignore` lets through."""
    lines = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return sorted(PathSpec.from_lines("gitignore", lines).match_tree_files(root, negate=True))


@dataclass(slots=True)
class Image:
    """A stage as far as it is built: its own files, and what its instructions have said so far."""

    files: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    folder: str = "/"
    user: str = "0"

    def run(self, command: Sequence[str], cache: Path | None = None) -> subprocess.Popen[str]:
        """Starts a command in the image. With a folder as its cache it can change nothing else, as in production."""
        root, work = (self.files.with_name(f"{self.files.name}-{part}") for part in ("root", "work"))
        for made in (root, work):
            made.mkdir(exist_ok=True)
        places = {"FILES": self.files, "WORK": work, "ROOT": root, "PYTHON": sys.base_prefix, "CACHE": cache or ""}
        enter = ["unshare", "--mount", "sh", "-c", ENTER, "sh"]
        return _started(
            [*enter, *self._as_its_user(command, root)], {name: str(place) for name, place in places.items()}
        )

    def run_beside(self, process: subprocess.Popen[str], command: Sequence[str]) -> subprocess.Popen[str]:
        """Starts a command where another one runs, as the engine does with the check of its health."""
        enter = ["nsenter", f"--target={process.pid}", "--mount", "--root"]
        return _started([*enter, *self._as_its_user(command, Path("/"))], {})

    def _as_its_user(self, command: Sequence[str], root: Path) -> list[str]:
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        environment = ["env", "--ignore-environment", f"--chdir={self.folder}", *variables]
        return [
            "chroot",
            f"--userspec={self.user}:{self.user}",
            str(root),
            *environment,
            "sh",
            "-c",
            AT_HOME,
            "sh",
            *command,
        ]


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        env={"PATH": PATH, **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def built(stages: Sequence[Stage], context: Path, folder: Path, arguments: Mapping[str, str]) -> Image:
    """The image of the last stage, in `folder`. `arguments` are those that `docker build` is given or hands on."""
    images: dict[str, Image] = {}
    for number, stage in enumerate(stages):
        image = _empty(folder / f"stage-{number}")
        for instruction in stage:
            _carry_out(instruction, image, images, context, arguments)
        images[stage[0].text.partition(" AS ")[2] or str(number)] = image
    return image


def _empty(files: Path) -> Image:
    """A first layer, in which nobody has an account yet, and which lets everybody reach this interpreter's Python."""
    (files / sys.base_prefix.lstrip("/")).mkdir(parents=True)  # it may lie in a home that is closed to others
    (files / "etc").mkdir(exist_ok=True)
    for table in ("passwd", "group"):
        lines = Path("/etc", table).read_text(encoding="utf-8").splitlines(keepends=True)
        system = [line for line in lines if int(line.split(":")[2]) < FIRST_OF_PEOPLE]
        (files / "etc" / table).write_text("".join(system), encoding="utf-8")
    return Image(files)


def _carry_out(
    instruction: Instruction, image: Image, images: Mapping[str, Image], context: Path, arguments: Mapping[str, str]
) -> None:
    text = instruction.text
    match instruction.name:
        case "WORKDIR":
            image.folder = text
            (image.files / text.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "ENV":
            for name, value in (part.split("=", 1) for part in shlex.split(text)):
                image.environment[name] = _filled(value, {**arguments, **image.environment})
        case "USER":
            image.user = text
        case "COPY":
            sources = [flag.removeprefix("--from=") for flag in instruction.flags]
            _copy(text.split(), images[sources[0]].files if sources else context, image)
        case "RUN":
            _finish(Image(image.files, {**arguments, **image.environment}, image.folder, image.user), text)


def _filled(value: str, known: Mapping[str, str]) -> str:
    """The value with all that it names in its place; an argument that nobody gave is empty."""
    return re.sub(r"\$(\w+)", lambda found: known.get(found[1], ""), value)


def _copy(paths: Sequence[str], origin: Path, image: Image) -> None:
    *sources, target = paths
    to = image.files / image.folder.lstrip("/") / target if target[0] != "/" else image.files / target.lstrip("/")
    for source in (origin / source.lstrip("/") for source in sources):
        if source.is_dir():
            shutil.copytree(source, to, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, to)


def _finish(image: Image, command: str) -> None:
    process = image.run(["sh", "-c", command])
    output, _ = process.communicate()
    assert process.returncode == 0, f"{command}\n{output}"


def may_build() -> bool:
    """Whether this machine lets us make such layers."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
