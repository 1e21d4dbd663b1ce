"""The files of a pack folder, read with care: what a reviewer sees in them is what runs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from ..errors import PackError, quoted
from ..plain import LIMITS, Limits

# NUL and other controls but tab and line feed, characters without width, and marks that turn the direction of the text.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@frozen
class PackFile:
    """One file of a pack: its name in the folder, its path for messages, its bytes and its text."""

    name: str
    path: str
    data: bytes
    text: str


def read_folder(folder: Path, limits: Limits = LIMITS) -> tuple[PackFile, ...]:
    """Read ``pack.toml`` and the law files ``*.md`` of the folder, in the order of their names."""
    try:
        root = folder.resolve(strict=True)
        names = sorted(path.name for path in root.iterdir() if path.name == "pack.toml" or path.suffix == ".md")
    except (OSError, ValueError, RuntimeError):
        raise PackError(f"{folder}/pack.toml:1: there is no such folder; name the folder of a pack") from None
    if "pack.toml" not in names:
        raise PackError(f"{folder}/pack.toml:1: the folder has no `pack.toml`; a pack begins with one")
    files = tuple(read_file(root, name, f"{folder}/{name}", limits.pack_bytes) for name in names)
    if len(files) == 1:
        raise PackError(f"{folder}/pack.toml:1: the pack is empty; add a law file such as `law.md` beside it")
    return files


def kept_files(pack: str, files: Mapping[str, bytes]) -> tuple[PackFile, ...]:
    """Return the files of a pack from their bytes by name, as a record keeps them."""
    return tuple(_decoded(name, f"{pack}/{name}", files[name]) for name in sorted(files))


def digest(files: tuple[PackFile, ...]) -> str:
    """Return the SHA-256 of the names and bytes of the files, in the order of their names."""
    found = hashlib.sha256()
    for file in sorted(files, key=lambda each: each.name):
        for part in (file.name.encode(), file.data):
            found.update(len(part).to_bytes(8, "big"))
            found.update(part)
    return found.hexdigest()


def read_file(root: Path, name: str, path: str, most: int) -> PackFile:
    """Read one file of the folder `root`, of at most `most` bytes; `path` is the one for messages. Raises PackError."""
    """Read one file of the folder `root`, of at most `most` bytes; `path` is the one for messages. Raises PackError."""
    try:
        target = (root / name).resolve(strict=True)
        if not target.is_relative_to(root):
            raise PackError(
                f"{path}:1: the file is a link that leads out of the pack; put the file itself into the folder"
            )
        if not target.is_file():
            raise PackError(f"{path}:1: this is no file; remove it")
        with target.open("rb") as opened:
            data = opened.read(most + 1)
    except (OSError, RuntimeError):  # a RuntimeError is a link to itself
        raise PackError(f"{path}:1: the file can not be read; see that it is there and readable") from None
    if len(data) > most:
        raise PackError(f"{path}:1: the file is longer than {most} bytes; split it")
    return _decoded(name, path, data)


def _decoded(name: str, path: str, data: bytes) -> PackFile:
    try:
        text = data.decode().removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise PackError(f"{path}:{line}: byte {problem.start + 1} is not UTF-8; save the file as UTF-8") from None
    if hidden := _HIDDEN.search(text):
        line = text[: hidden.start()].count("\n") + 1
        raise PackError(
            f"{path}:{line}: the hidden character {quoted(f'U+{ord(hidden[0]):04X}')} is not allowed; remove it"
        )
    return PackFile(name, path, data, text)
