"""The language of tests/scenario/*.scene: lines in, steps out. Pure.

    place: room                              a MUC and a Matrix room, bridged (see scene.py for the others)
    cast: alice carol dan                    who is there from the beginning
    alice says "hello"                       one step a line; "\\n" in quotes: a line break, "\\u{1f600}" any character
    carol sees "hello" from alice
"""
import re

from tests.harness.process import Failed

TEXT = r'"((?:[^"\\]|\\.)*)"'
WHO = r"(\w+)"
KEYS = r"((?:[^\s\"\w]\S*(?: (?=[^\s\"\w]))?)+|nothing|\+1)"

# One line of this table is one sentence. Groups become arguments, in order; the first is who acts.
SENTENCES = [(re.compile("^" + pattern + "$"), verb) for pattern, verb in (
    (rf"{WHO} says {TEXT}", "say"),
    (rf"{WHO} says {TEXT} as html {TEXT}", "say_html"),
    (rf"{WHO} says a line of (\d+) letters", "say_long"),
    (rf"{WHO} emotes {TEXT}", "emote"),
    (rf"{WHO} notices {TEXT}", "notice"),
    (rf"{WHO} replies to {TEXT} of {WHO} with {TEXT}", "reply"),
    (rf"{WHO} edits {TEXT} to {TEXT}", "edit"),
    (rf"{WHO} redacts {TEXT}", "redact"),
    (rf"{WHO} reacts {KEYS} to {TEXT}", "react"),
    (rf"{WHO} takes back {KEYS} from {TEXT}", "unreact"),
    (rf"{WHO} sends the file {TEXT}", "send_file"),
    (rf"{WHO} sends the file {TEXT} with {TEXT}", "send_file"),
    (rf"{WHO} replies to {TEXT} of {WHO} with the file {TEXT}", "reply_with_file"),
    (rf"{WHO} sees the file {TEXT} from {WHO}", "see_file"),
    (rf"{WHO} sees the file {TEXT} in reply to {TEXT} from {WHO}", "see_reply_with_file"),
    (rf"{WHO} cannot open {TEXT} any more", "cannot_open"),
    (rf"{WHO} has read {TEXT}", "have_read"),
    (rf"{WHO} sees that {WHO} has read {TEXT}", "see_read"),
    (rf"{WHO} types", "type"),
    (rf"{WHO} stops typing", "stop_typing"),
    (rf"{WHO} joins", "join"),
    (rf"{WHO} leaves", "leave"),
    (rf"{WHO} is now called {TEXT}", "rename"),
    (rf"{WHO} kicks {WHO} because {TEXT}", "kick"),
    (rf"{WHO} bans {WHO} because {TEXT}", "ban"),
    (rf"{WHO} makes the bridge a moderator", "empower"),
    (rf"{WHO} makes the MUC members-only", "close_muc"),
    (rf"{WHO} gives the MUC the password {TEXT}", "lock_muc"),
    (rf"{WHO} invites {WHO} because {TEXT}", "invite"),
    (rf"{WHO} invites {WHO} directly because {TEXT}", "invite_directly"),
    (rf"{WHO} is invited by {WHO} because {TEXT}", "invited"),
    (rf"{WHO} accepts the invitation", "accept"),
    (rf"{WHO} declines the invitation because {TEXT}", "decline"),
    (rf"{WHO} learns that {WHO} declined because {TEXT}", "declined"),
    (rf"{WHO} is told that the invitation failed: {TEXT}", "declined_by_bridge"),
    (rf"{WHO} does not come in by the alias", "no_alias"),
    (rf"{WHO} whispers {TEXT} to {WHO}", "whisper"),
    (rf"{WHO} upgrades the room", "upgrade"),
    (rf"{WHO} sets the subject to {TEXT}", "set_subject"),
    (rf"{WHO} commands {TEXT}", "command"),
    (rf"{WHO} starts a chat with {WHO}", "start_chat"),
    (rf"{WHO} accepts the chat with {WHO}", "accept_chat"),
    (rf"{WHO} sees {TEXT} from {WHO}", "see"),
    (rf"{WHO} sees {TEXT} from {WHO}, formatted like {TEXT}", "see_formatted"),
    (rf"{WHO} sees emote {TEXT} from {WHO}", "see_emote"),
    (rf"{WHO} sees notice {TEXT} from {WHO}", "see_notice"),
    (rf"{WHO} sees reply {TEXT} to {TEXT} from {WHO}", "see_reply"),
    (rf"{WHO} sees {TEXT} edited to {TEXT} by {WHO}", "see_edit"),
    (rf"{WHO} sees {TEXT} redacted by {WHO}", "see_redaction"),
    (rf"{WHO} sees reactions {KEYS} of {WHO} on {TEXT}", "see_reactions"),
    (rf"{WHO} sees a line of (\d+) letters from {WHO}", "see_long"),
    (rf"{WHO} sees {WHO} typing", "see_typing"),
    (rf"{WHO} sees {WHO} join", "see_join"),
    (rf"{WHO} sees {WHO} leave", "see_leave"),
    (rf"{WHO} sees {WHO} leave because {TEXT}", "see_leave_because"),
    (rf"{WHO} sees {WHO} called {TEXT}", "see_renamed"),
    (rf"{WHO} sees {WHO} kicked by {WHO} because {TEXT}", "see_kick"),
    (rf"{WHO} sees {WHO} banned by {WHO} because {TEXT}", "see_ban"),
    (rf"{WHO} is told {TEXT}", "told"),
    (rf"{WHO} is out because {TEXT}", "out"),
    (rf"{WHO} is still in", "still_in"),
    (rf"{WHO} sees the subject {TEXT}", "see_subject"),
    (rf"{WHO} sees nothing more", "see_nothing"),
    (r"(rialto|server|homeserver) restarts", "restart"),
    (r"(rialto|server|homeserver) crashes and comes back", "crash"),
)]


class Step:
    def __init__(self, line, text, verb, arguments):
        self.line, self.text, self.verb = line, text, verb
        self.actor, self.arguments = arguments[0], arguments[1:]


class Scene:
    def __init__(self, name):
        self.name, self.place, self.cast, self.only, self.about, self.steps = name, "room", [], None, "", []
        self.links = None


def unquoted(text):
    """What stands between quotes, escapes undone."""
    text = re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda found: chr(int(found.group(1), 16)), text)
    return text.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def step_of(line, text):
    for pattern, verb in SENTENCES:
        found = pattern.match(text)
        if found:
            return Step(line, text, verb, [unquoted(group) for group in found.groups()])
    raise Failed(f"line {line}: no such sentence: {text}")


def parse(name, text):
    scene = Scene(name)
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line:
            continue
        if line.startswith("#"):
            scene.about = scene.about or line.lstrip("# ")
            continue
        head = re.match(r"^(place|cast|only|links): *(.*)$", line)
        if head:
            setattr(scene, head.group(1), head.group(2).split() if head.group(1) == "cast" else head.group(2))
        else:
            scene.steps.append(step_of(number, line))
    if not scene.steps:
        raise Failed(f"{name}: no steps")
    return scene
