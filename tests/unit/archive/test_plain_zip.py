"""Reading a zip without a list of its members: the same as ``zipfile`` reads, or left to it; never anything else."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_desktop.backup.plain_zip import PlainZip, Unusual

NAMES = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\\/:"), min_size=1, max_size=30)
MEMBERS = st.dictionaries(NAMES, st.binary(max_size=5_000), max_size=12)


def _write(path: Path, members: dict[str, bytes], *, packed: bool = True, streamed: bool = False) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as made:
        for name, content in members.items():
            with made.open(name, "w", force_zip64=streamed) as member:
                member.write(content)
    path.write_bytes(out.getvalue())


def _read(path: Path) -> dict[str, bytes]:
    with PlainZip(path) as plain:
        return {one.name: plain.open(one).read() for one in plain}


@given(MEMBERS, st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_every_zip_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, members: dict[str, bytes], packed: bool, streamed: bool
) -> None:
    path = tmp_path_factory.mktemp("zip") / "one.zip"
    _write(path, members, packed=packed, streamed=streamed)
    assert _read(path) == members
    with PlainZip(path) as plain:
        assert plain.readable() and plain.count == len(members)
        for name, content in members.items():
            assert plain.open(name).read() == content
        with pytest.raises(KeyError):
            plain.open("not in it")


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_zip_never_gives_another_content(tmp_path: Path, seed: int) -> None:
    """Each flipped bit, and each cut, is found, or touches nothing that was written."""
    chance = Random(seed)
    members = {f"{number}.html": chance.randbytes(chance.randrange(3_000)) for number in range(6)}
    path = tmp_path / "one.zip"
    _write(path, members)
    whole = path.read_bytes()
    for _time in range(60):
        broken = bytearray(whole)
        if chance.random() < 0.3:
            del broken[chance.randrange(len(broken)) :]
        else:
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        path.write_bytes(broken)
        try:
            read = _read(path)
        except (Unusual, zlib.error):
            continue
        assert sorted(read.values()) == sorted(members.values())  # a name may be another one: the manifest knows better


def test_what_it_does_not_know_is_left_to_others(tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    _write(path, {"a": b"a" * 100})
    path.write_bytes(b"something in front" + path.read_bytes())
    with pytest.raises(Unusual), PlainZip(path):
        pass
    path.write_bytes(b"no zip at all")
    with pytest.raises(Unusual), PlainZip(path):
        pass
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as made:
        made.writestr("a", "packed in another way")
    with PlainZip(path) as plain:
        assert not plain.readable()
