"""Colours for generated Python."""

from __future__ import annotations

import keyword
import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from nodeforge.ui import theme

_TOKENS = re.compile(
    r"(?P<code_comment>#.*)"
    r"|(?P<code_string>\"\"\"|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"
    r"|(?P<code_number>\b\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?\b)"
    rf"|(?P<code_keyword>\b(?:{'|'.join(keyword.kwlist)}|self)\b)"
    r"|(?P<code_name>\b\w+(?=\())"
)
_TRIPLE = '"""'


class PythonHighlighter(QSyntaxHighlighter):
    """Keywords, strings, numbers, comments and calls, in the theme's colours."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self.retheme()

    def retheme(self) -> None:
        """Take the colours of the present theme."""
        self._formats = {}
        for name in ("code_comment", "code_string", "code_number", "code_keyword", "code_name"):
            format_ = QTextCharFormat()
            format_.setForeground(theme.color(name))
            self._formats[name] = format_
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        start = 0
        self.setCurrentBlockState(0)
        if self.previousBlockState() == 1:  # inside a docstring
            start = self._string_until(text, 0)
        while (match := _TOKENS.search(text, start)) is not None:
            if match.group() == _TRIPLE:
                self.setFormat(match.start(), len(_TRIPLE), self._formats["code_string"])
                start = self._string_until(text, match.end())
                continue
            self.setFormat(match.start(), len(match.group()), self._formats[str(match.lastgroup)])
            start = match.end()

    def _string_until(self, text: str, start: int) -> int:
        """Colour a docstring up to its end, or the whole line; return where it ends."""
        end = text.find(_TRIPLE, start)
        stop = len(text) if end < 0 else end + len(_TRIPLE)
        self.setFormat(start, stop - start, self._formats["code_string"])
        if end < 0:
            self.setCurrentBlockState(1)
        return stop
