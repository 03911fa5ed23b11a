"""What one person has been shown in one place, in order, in words that no protocol owns."""
from dataclasses import dataclass, field


@dataclass
class Item:
    """One thing said: kind is text, emote, notice, file, edit, redaction, subject or error."""
    kind: str
    who: str
    text: str
    target: str = ""     # the text that an edit, redaction or reply refers to
    markup: str = ""     # formatted_body, or XHTML
    own: bool = False
    place: str = ""      # of a file: where its bytes are

    def __str__(self):
        about = f" (about {self.target!r})" if self.target else ""
        return f"{self.kind} {self.text!r}{about} from {self.who}"


@dataclass
class Change:
    """Somebody came, went, or is called otherwise now: kind is join, leave, kick, ban, rename, typing or read."""
    kind: str
    who: str
    by: str = ""
    reason: str = ""
    seen: bool = False


@dataclass
class Inbox:
    items: list = field(default_factory=list)       # said by others, in order
    everything: list = field(default_factory=list)  # the same with what was said by this person or the bot
    changes: list = field(default_factory=list)     # in order too, but their place among the items is free
    reactions: dict = field(default_factory=dict)   # (text, who) -> set of keys
    texts: dict = field(default_factory=dict)       # id -> the text it stands for
    ids: dict = field(default_factory=dict)         # text -> the id by which this side refers to it
    authors: dict = field(default_factory=dict)     # text -> address of its author on this side
    notices: list = field(default_factory=list)     # what the bot, or an error, told this person alone
    places: dict = field(default_factory=dict)      # name of a file -> where its bytes are
    taken: int = 0                                  # items that a step has asked for

    def remember(self, text, reference, *also):
        """A message and its names; an edit's new text names the same message."""
        self.ids[text] = reference
        for name in (reference, *also):
            if name:
                self.texts[name] = text

    def text_of(self, name):
        return self.texts.get(name, f"<unknown message {name}>")

    def add(self, item):
        self.everything.append(item)
        if item.kind != "subject" and (item.who == "bot" or item.kind == "error"):
            self.notices.append(item)
        elif not item.own:
            self.items.append(item)

    def next(self):
        """The next thing that was said, not yet asked for; None when there is none."""
        return self.items[self.taken] if self.taken < len(self.items) else None

    def rest(self):
        return self.items[self.taken:]

    def change(self, kind, who, **more):
        """Takes the first such change that no step has asked for yet."""
        for change in self.changes:
            if not change.seen and change.kind == kind and change.who == who and all(
                    part in getattr(change, key) for key, value in more.items()
                    for part in ([value] if isinstance(value, str) else value)):
                change.seen = True
                return change
        return None
