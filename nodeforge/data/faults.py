"""Files of a folder that cannot be used: all of them are named, and nothing is left out in silence."""

from __future__ import annotations

from dataclasses import dataclass, field

from nodeforge.core.errors import UserError
from nodeforge.core.parameters import Choice, Parameter
from nodeforge.data.words import agreeing, counted

FAULTY = Parameter(
    "faulty",
    Choice(options=("stop", "leave out")),
    "stop",
    "What to do with files that cannot be read. stop: name them and wait until they are mended. leave out: go on "
    "without them; they are named under what was done.",
    advanced=True,
)
_NAMED = 20


@dataclass(slots=True)
class Faults:
    """What is wrong with the files of a source.

    Attributes:
        leave_out: Whether the person wants to go on without them.
        sentences: One for every fault, with the file in it.
    """

    leave_out: bool
    sentences: list[str] = field(default_factory=list)

    def add(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def settle(self) -> list[str]:
        """Notes on what was left out.

        Raises:
            UserError: There are faults, and the person has not said to go on without those files.
        """
        count = len(self.sentences)
        if not count:
            return []
        shown = self.sentences[:_NAMED]
        more = f" {count - len(shown):,} more are like that." if count > len(shown) else ""
        if self.leave_out:
            what = f"{counted(count, 'file')} {agreeing(count, 'are')} left out"
            return [f"{what}. {' '.join(shown)}{more}"]
        raise UserError(f"{' '.join(shown)}{more} Mend what is wrong, or set faulty to leave out.")
