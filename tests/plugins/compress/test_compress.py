"""Archives and compressed files, there and back, and what other programs make of them."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from attempts import Ran, attempt
from kapell.adapters.files.local import LocalFiles
from tables import content, put

ARCHIVES = ["AR", "JAR", "TAR", "ZIP"]
OWN = ["BZIP2", "DEFLATE", "GZIP", "LZMA", "XZ"]
VENDORED = ["BROTLI", "LZ4BLOCK", "LZ4FRAME", "SNAPPY", "SNAPPYFRAME", "ZSTD"]
DATA = bytes(range(256)) * 10_000


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def run(files: LocalFiles, type: str, **properties: object) -> Ran:
    return attempt(f"io.kestra.plugin.compress.{type}", properties, files=files)


def outputs(ran: Ran) -> dict:
    assert ran.result.outputs is not None, ran.result.error
    return dict(ran.result.outputs)


@pytest.mark.parametrize("compression", [*OWN, *VENDORED])
def test_a_file_comes_back(files: LocalFiles, compression: str) -> None:
    if compression in VENDORED:
        pytest.importorskip("cramjam", reason="needs kapell[compress]")
    packed = outputs(run(files, "FileCompress", source=put(files, DATA), compression=compression))["uri"]
    assert len(content(files, packed)) < len(DATA) / 2
    plain = outputs(run(files, "FileDecompress", source=packed, compression=compression))["uri"]
    assert content(files, plain) == DATA


@pytest.mark.parametrize("compression", [*OWN, "ZSTD", "SNAPPY"])
def test_what_is_not_compressed_so_is_told(files: LocalFiles, compression: str) -> None:
    if compression in VENDORED:
        pytest.importorskip("cramjam", reason="needs kapell[compress]")
    error = run(files, "FileDecompress", source=put(files, "hello, world"), compression=compression).result.error
    assert (error or "").startswith(f"This is no file of {compression}: ")


def test_a_file_that_ends_too_early_is_told(files: LocalFiles) -> None:
    for compression, data in (("GZIP", gzip.compress(DATA)), ("DEFLATE", zlib.compress(DATA))):
        ran = run(files, "FileDecompress", source=put(files, data[:-100]), compression=compression)
        assert (ran.result.error or "").startswith("This is no file of ")


def test_deflate_may_have_no_head(files: LocalFiles) -> None:
    raw = zlib.compressobj(wbits=-15)
    data = raw.compress(DATA) + raw.flush()
    uri = outputs(run(files, "FileDecompress", source=put(files, data), compression="DEFLATE"))["uri"]
    assert content(files, uri) == DATA


@pytest.mark.parametrize("compression", [None, "GZIP", "XZ"])
@pytest.mark.parametrize("algorithm", ARCHIVES)
def test_an_archive_comes_back(files: LocalFiles, algorithm: str, compression: str | None) -> None:
    given = {"a.txt": b"A", "deep/er/a longer name than sixteen.txt": DATA, "empty": b""}
    source = {name: put(files, data, f"given-{at}") for at, (name, data) in enumerate(given.items())}
    how = {"algorithm": algorithm, **({"compression": compression} if compression else {})}
    made = run(files, "ArchiveCompress", source=source, **how)
    assert {metric.name: metric.value for metric in made.metrics}["count"] == 3
    found = outputs(run(files, "ArchiveDecompress", source=outputs(made)["uri"], **how))["files"]
    assert {name: content(files, address) for name, address in found.items()} == given


def test_others_read_what_is_made(files: LocalFiles, tmp_path: Path) -> None:
    source = {"a.txt": put(files, "A"), "b/a name with blanks.txt": put(files, "B", "b")}
    made = {
        kind: content(files, outputs(run(files, "ArchiveCompress", source=source, algorithm=kind))["uri"])
        for kind in ("ZIP", "TAR", "AR")
    }
    assert zipfile.ZipFile(io.BytesIO(made["ZIP"])).read("b/a name with blanks.txt") == b"B"
    with tarfile.open(fileobj=io.BytesIO(made["TAR"])) as archive:
        assert archive.getnames() == list(source)
    assert made["AR"].startswith(b"!<arch>\na.txt/ ")


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x"])
def test_no_member_gets_out_of_its_folder(files: LocalFiles, name: str) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    ran = run(files, "ArchiveDecompress", source=put(files, data.getvalue()), algorithm="TAR")
    assert ran.result.error == f"The archive has a member `{name}`, which leads out of its folder"
    assert "leads out" in (
        run(files, "ArchiveCompress", source={name: put(files, "x")}, algorithm="ZIP").result.error or ""
    )


def test_links_and_folders_are_no_files(files: LocalFiles) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, kind in (("dir", tarfile.DIRTYPE), ("link", tarfile.SYMTYPE), ("file", tarfile.REGTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    found = outputs(run(files, "ArchiveDecompress", source=put(files, data.getvalue()), algorithm="TAR"))["files"]
    assert list(found) == ["file"]


@pytest.mark.parametrize("algorithm", ARCHIVES)
def test_what_is_no_archive_is_told(files: LocalFiles, algorithm: str) -> None:
    error = run(files, "ArchiveDecompress", source=put(files, "hello " * 200), algorithm=algorithm).result.error
    assert (error or "").startswith(f"This is no archive of {algorithm}: ")


def zeros(compression: str) -> bytes:
    """A hundred million zeros and some more, packed."""
    made = io.BytesIO()
    if compression == "ZIP":
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("first", b"fine")
            with archive.open("zeros", "w") as place:
                for _ in range(101):
                    place.write(bytes(1_000_000))
    else:
        with gzip.GzipFile(fileobj=made, mode="wb") as packed:
            for _ in range(101):
                packed.write(bytes(1_000_000))
    return made.getvalue()


@pytest.mark.parametrize(("type", "how"), [("FileDecompress", "compression"), ("ArchiveDecompress", "algorithm")])
def test_a_small_file_that_unpacks_without_end_is_broken_off(files: LocalFiles, type: str, how: str) -> None:
    kind = "GZIP" if how == "compression" else "ZIP"
    bomb = put(files, zeros(kind))
    ran = run(files, type, source=bomb, **{how: kind})
    assert ran.result.error == "More than 100000000 bytes come out of it: `maxRatio` allows more"
    assert not any(address.endswith("zeros") for address in files.walk("/"))
    assert run(files, type, source=bomb, max_ratio=2000, **{how: kind}).result.error is None


def test_a_sparse_member_is_measured_by_what_comes_out_of_it(files: LocalFiles) -> None:
    head = tarfile.TarInfo("zeros")
    head.type, head.size = tarfile.REGTYPE, 1
    head.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": str(1 << 40), "GNU.sparse.name": "zeros"}
    made = head.tobuf(tarfile.PAX_FORMAT) + b"x".ljust(512, b"\0") + bytes(1024)
    ran = run(files, "ArchiveDecompress", source=put(files, made), algorithm="TAR")
    assert ran.result.error == "More than 100000000 bytes come out of it: `maxRatio` allows more"


def test_a_broken_head_of_a_member_is_told(files: LocalFiles) -> None:
    made = b"!<arch>\n" + b"a.txt/".ljust(48) + b"ten".ljust(10) + b"`\n"
    error = run(files, "ArchiveDecompress", source=put(files, made), algorithm="AR").result.error
    assert (error or "").startswith("This is no archive of AR: ")


def test_a_member_that_is_broken_is_told(files: LocalFiles) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a", DATA)
    data = bytearray(made.getvalue())
    data[1000] ^= 255
    error = run(files, "ArchiveDecompress", source=put(files, bytes(data)), algorithm="ZIP").result.error
    assert error == "This is no archive of ZIP: Bad CRC-32 for file 'a'"
