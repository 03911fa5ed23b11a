"""What a load run said, and whether a side holds exactly that: pure."""
from collections import Counter

from tests.harness.ledger import differences


class Book:
    """Everything that was said, by whom, and what became of it."""

    def __init__(self):
        self.said = {}       # text -> who
        self.final = {}      # text -> its last version, or None when it was redacted
        self.reactions = {}  # (text, who) -> set of keys

    def say(self, who, text):
        self.said[text], self.final[text] = who, text

    def edit(self, text, new):
        self.final[text] = new

    def redact(self, text):
        self.final[text] = None

    def react(self, text, who, keys):
        self.reactions[(text, who)] = set(keys)

    def of(self, who):
        return [(who, text) for text, speaker in self.said.items() if speaker == who]


def shown(inbox):
    """(who, text) of each new message of an inbox, in order."""
    return [(item.who, item.text) for item in inbox.everything if item.kind == "text"]


def complaints(where, book, inbox, own=()):
    """How a side's inbox differs from the book. `own`: authors whose words this side is not shown."""
    found = []
    said = [item for item in shown(inbox) if item[0] not in own]
    for who in {who for who in book.said.values() if who not in own}:
        found += differences(f"{where}, of {who}'s", book.of(who), [item for item in said if item[0] == who])
    found += [f"{where}: said by nobody: {who}: {text}" for who, text in said if who not in book.said.values()]
    edits, redactions = Counter(), Counter()
    for item in inbox.everything:
        if item.kind == "edit":
            edits[(item.who, item.target, item.text)] += 1
        elif item.kind == "redaction":
            redactions[item.target] += 1
    for text, final in book.final.items():
        who = book.said[text]
        if who in own:
            continue
        wanted = 1 if final not in (None, text) else 0
        if wanted != edits.pop((who, text, final), 0):
            found.append(f"{where}: the edit of {text!r} to {final!r} was not seen exactly once")
        if redactions.pop(text, 0) != (final is None):
            found.append(f"{where}: the redaction of {text!r} was not seen as it should")
    found += [f"{where}: an edit nobody made: {edit}" for edit in edits if edit[0] not in own]
    for (text, who), keys in book.reactions.items():
        if who not in own and inbox.reactions.get((text, who), set()) != keys:
            found.append(f"{where}: reactions of {who} on {text!r}: {inbox.reactions.get((text, who))} "
                         f"instead of {keys}")
    return found
