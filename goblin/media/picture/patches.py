"""Overwrites in place that take a picture's place and facts out of a download, and leave its pixels alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass
class Hidden:
    patches: dict = field(default_factory=dict)
    data: dict = field(default_factory=dict)


def find(file: BinaryIO, mime: str) -> Hidden:
    return Hidden()
