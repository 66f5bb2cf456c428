"""Messages on a byte stream."""

import io

from hypothesis import given
from hypothesis import strategies as st

from nodeforge.engine.framing import read_frame, write_frame
from nodeforge.engine.messages import DescribeData, Failed, answer_decoder, request_decoder


def test_what_is_written_is_read():
    stream = io.BytesIO()
    write_frame(stream, DescribeData(id=3, document=b"{}", folder="/x"))
    write_frame(stream, Failed(id=4, message="no", user_fault=True))
    stream.seek(0)
    assert request_decoder.decode(read_frame(stream)) == DescribeData(id=3, document=b"{}", folder="/x")
    assert answer_decoder.decode(read_frame(stream)) == Failed(id=4, message="no", user_fault=True)
    assert read_frame(stream) is None


@given(st.integers(min_value=0, max_value=30))
def test_a_stream_cut_anywhere_ends_instead_of_failing(length):
    stream = io.BytesIO()
    write_frame(stream, Failed(id=4, message="the other side is gone", user_fault=True))
    cut = stream.getvalue()[:length]
    assert read_frame(io.BytesIO(cut)) is None


def test_a_length_nobody_sends_ends_the_stream_before_memory_is_asked_for():
    assert read_frame(io.BytesIO(b"\xff\xff\xff\xffabc")) is None
