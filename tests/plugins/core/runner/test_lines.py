from kapell.plugins.core.runner import _lines
from kapell.plugins.core.runner._lines import GOES_ON, LONGEST_BYTES, Lines


def cut(*chunks: bytes) -> list[str]:
    heard: list[str] = []
    lines = Lines(heard.append)
    for chunk in chunks:
        lines.feed(chunk)
    lines.close()
    return heard


def test_every_kind_of_line_end_ends_a_line() -> None:
    assert cut(b"unix\nwindows\r\nbar 1\rbar 2\r\n\nlast") == ["unix", "windows", "bar 1", "bar 2", "", "last"]


def test_chunks_may_break_anywhere() -> None:
    data = "eins\r\nzwö\n\rdrei\r".encode()
    expected = cut(data)
    assert expected == ["eins", "zwö", "", "drei"]
    assert cut(*[data[i : i + 1] for i in range(len(data))]) == expected


def test_what_is_no_text_is_replaced() -> None:
    assert cut(b"a\xffb\n") == ["a\ufffdb"]


def test_a_very_long_line_comes_in_pieces_and_loses_nothing() -> None:
    line = "ä" * LONGEST_BYTES
    heard = cut(*[line.encode()[i : i + 65536] for i in range(0, 2 * LONGEST_BYTES, 65536)], b"\nnext\n")
    assert heard[-1] == "next"
    assert "".join(piece.removesuffix(GOES_ON) for piece in heard[:-1]) == line
    assert max(map(len, heard)) <= LONGEST_BYTES


def test_a_message_to_the_task_is_given_more_room() -> None:
    message = '::{"outputs": "' + "a" * LONGEST_BYTES + '"}::'
    assert cut(message.encode() + b"\n") == [message]


def test_a_message_without_an_end_is_bounded_too(monkeypatch) -> None:
    monkeypatch.setattr(_lines, "LONGEST_MESSAGE_BYTES", 2 * LONGEST_BYTES)
    lines = Lines(lambda _line: None)
    lines.feed(b"::{")
    for _ in range(100):
        lines.feed(b"a" * 65536)
        assert len(lines._rest) <= 2 * LONGEST_BYTES + 65536
