"""Pictures: cleaned before they are kept, described, carried as attachments, served as nothing but pictures."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image

from node import media
from node.errors import Invalid
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode

SECRET = b"52.5200N 13.4050E camera of Rosa"


def photograph(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture with a place and a name in its metadata."""
    picture = Image.new("RGB", size, (200, 30, 30))
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x013B] = SECRET.decode()
    written = io.BytesIO()
    picture.save(written, format=kind, exif=exif, comment=SECRET)
    return written.getvalue()


@pytest.mark.parametrize(("kind", "ending"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_what_a_camera_adds_is_gone(kind: str, ending: str) -> None:
    raw = photograph(kind)
    assert SECRET in raw
    cleaned = media.clean(raw)
    assert SECRET not in cleaned.raw
    assert (cleaned.ending, cleaned.width, cleaned.height) == (ending, 64, 48)


def test_a_large_picture_is_made_smaller_and_a_turned_one_upright() -> None:
    picture = Image.new("RGB", (4000, 1000))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    written = io.BytesIO()
    picture.save(written, format="JPEG", exif=exif)
    cleaned = media.clean(written.getvalue())
    assert (cleaned.width, cleaned.height) == (640, 2560)


def with_a_maker_of_a_wrong_kind() -> bytes:
    """A turned photograph whose maker is said to be a number with a fraction (TIFF 6.0, type 5), and is none."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "CAMERA"
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, format="JPEG", exif=exif)
    raw = bytearray(written.getvalue())
    entry = raw.find(b"\x01\x0f\x00\x02")
    raw[entry + 3], raw[entry + 7] = 5, 1
    return bytes(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        with_a_maker_of_a_wrong_kind(),
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html>not a picture</html>",
        photograph()[:-600],
        photograph("TIFF"),
    ],
)
def test_what_is_no_picture_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        media.clean(raw)


def test_a_picture_bomb_is_refused() -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, format="PNG")
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(Invalid, match=r"too many|can be read"):
        media.clean(bomb.getvalue())


async def test_a_picture_travels_with_its_description_and_is_served_as_a_picture(
    node: ServedNode, tmp_path: Path
) -> None:
    await asyncio.to_thread((tmp_path / "our depot.jpg").write_bytes, photograph())
    text = "Look:\n\n![The gate of the depot, closed](our%20depot.jpg)\n"
    await asyncio.to_thread((tmp_path / "s.md").write_text, text)
    said = await commonwire("publish", node.directory, tmp_path / "s.md", "--json")
    assert said.status == 0, said.err
    iri = said.out.split('"id": "')[1].split('"')[0]
    await node.quiet()
    _, document = await node.activity(iri)
    (attachment,) = document["attachment"]
    assert attachment["name"] == "The gate of the depot, closed"
    assert (attachment["mediaType"], attachment["width"], attachment["height"]) == ("image/jpeg", 64, 48)
    assert "<img" not in document["content"]
    async with node.http.get(attachment["url"]) as response:
        assert response.status == 200
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.content_type == "image/jpeg"
        assert SECRET not in await response.read()
    _, page = await node.page(iri)
    assert 'alt="The gate of the depot, closed"' in page


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("![](picture.jpg)", "description"),
        ("![A gate](none.jpg)", "none.jpg"),
        ("![A gate](https://elsewhere.example/p.jpg)", "elsewhere.example"),
        ("![A gate](text.md)", "text.md"),
    ],
)
async def test_a_picture_that_cannot_be_taken_is_named(node: ServedNode, tmp_path: Path, text: str, word: str) -> None:
    await asyncio.to_thread((tmp_path / "picture.jpg").write_bytes, photograph())
    await asyncio.to_thread((tmp_path / "text.md").write_text, f"Look: {text}\n")
    said = await commonwire("publish", node.directory, tmp_path / "text.md")
    assert said.status == 1
    assert word in said.err
    assert (await node.activity("/groups/union/outbox"))[1]["totalItems"] == 0


@pytest.mark.parametrize("name", ["x", "..%2fnode.toml", "0" * 64 + ".html", "0" * 64 + ".jpg", "0" * 64])
async def test_nothing_but_pictures_is_served(node: ServedNode, name: str) -> None:
    assert (await node.activity(f"/media/{name}"))[0] == 404
