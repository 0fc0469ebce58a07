"""Disks that fail for a while, really: nothing here replaces what the operating system does."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

CAP_VERSION_3, CAP_DAC_OVERRIDE = 0x20080522, 1  # <linux/capability.h>


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write in the folder or in its files: neither this thread nor those that it starts."""
    places = [folder, *folder.rglob("*")]
    with _modes_count():
        for place in places:
            place.chmod(0o555)
        try:
            yield
        finally:
            for place in places:
                place.chmod(0o755)


@contextmanager
def _modes_count() -> Iterator[None]:
    """Root obeys the modes of files as everybody does, by Linux' capability of not doing so being put down."""
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("Nothing is read-only to root, who can give that up on Linux alone: run this as somebody else.")
    libc = ctypes.CDLL(None)
    header, sets = (ctypes.c_uint32 * 2)(CAP_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    before, sets[0] = sets[0], sets[0] & ~(1 << CAP_DAC_OVERRIDE)  # of those that are in effect
    assert libc.capset(header, sets) == 0
    try:
        yield
    finally:
        sets[0] = before
        assert libc.capset(header, sets) == 0


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes, as under `ulimit -f`: writing says “file too large”."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """The file system of the folder has no room left."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """A file system of so many bytes in the folder."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = str(getattr(error, "stderr", error)).strip()
        pytest.skip(f"A disk that is full has to be small, and none can be mounted without root's rights: {reason}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
