"""Stories of what people write, call themselves and forge: it arrives as far as it can be understood, as theirs, and
no link is cut by it."""
import unicodedata

from tests.harness.fault_ground import expect
from tests.harness.matrix_client import MatrixError
from tests.harness.process import Failed, until
from tests.harness.stanza_xml import NS, Xml, child, el, text_of
from tests.harness.xmpp_client import MESSAGE, PRESENCE, stanza_id

POISON = {
    "NUL": "a\0b", "C0": "a\x01\x08\x0b\x1fb", "U+FFFE": "a\ufffeb", "U+FFFF": "a\uffffb",
    "lone surrogate": "a\ud800b", "other surrogate": "a\udfffb", "bidi": "a\u202eb\u2066c",
    "entity": "a&#0;b<![CDATA[x]]>", "byte order": "\ufeffab", "homograph": "p\u0430yp\u0430l",
}
NAMES = (*POISON.values(), "\u202e", " ", "👩‍🚀", "ẞ" * 200, "x" * 256, "/", "a/b@c", "\u200b")
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def poison_from_matrix(ground):
    """Whatever JSON can hold in a body: it is shown without what XML cannot hold, and the stream stays up."""
    cast, mark = ground.cast("poison"), ground.mark()
    alice, dan = cast.actors["alice"].client, cast.actors["dan"].client
    taken, start = [], dan.mark()
    for name, text in POISON.items():
        try:
            alice.send(cast.room, f"{name}: {text}", formatted_body=f"{name}: <i>{text}</i>",
                       format="org.matrix.custom.html")
            taken.append(name)
        except Failed as refused:  # Synapse takes no lone surrogates; that is its answer
            expect("M_" in str(refused) or "surrogate" in name, f"{name}: {refused}")
    for name in taken:
        dan.wait_for(lambda s, n=name: s.tag == MESSAGE and (text_of(s, "client", "body") or "").startswith(n + ":"),
                     30, f"the message with {name}", start)
    ground.crosses(cast, "after the poison")
    expect("link down" not in ground.since(mark), "the link went down")
    return f"{len(taken)} of {len(POISON)} were taken by the homeserver, and arrived"


def _nick_of(dan, muc, text):
    """The nick under which dan saw this."""
    said = dan.wait_body(muc, text, 30)
    return said.get("from").partition("/")[2]


def _called(client, room, name):
    """Renames somebody on Matrix and waits for the room to know: Synapse tells its rooms only afterwards."""
    start = len(client.events)
    client.set_name(name)
    client.wait_for(lambda e: e["room_id"] == room and e["type"] == "m.room.member" and e["state_key"] == client.mxid,
                    30, f"its name {name!r}", start)


def poison_names(ground):
    """The same in display names: the nick is one that the room takes, that is not empty and that turns no text."""
    cast, mark = ground.cast("names"), ground.mark()
    alice, dan = cast.actors["alice"].client, cast.actors["dan"].client
    ground.crosses(cast, "before")
    nicks = []
    for number, text in enumerate(NAMES):
        try:
            _called(alice, cast.room, text)
        except MatrixError:  # not a name for the homeserver either
            continue
        alice.send(cast.room, f"named {number}")
        nick = _nick_of(dan, cast.muc, f"named {number}")
        expect(nick.strip(" \u200b"), f"{text!r} has become the empty nick {nick!r}")
        expect(not any(c in BIDI or c < " " for c in nick), f"{text!r} has become {nick!r}")
        nicks.append(nick)
    ground.crosses(cast, "still called something")
    expect("link down" not in ground.since(mark), "the link went down")
    return f"nicks: {sorted(nick if len(nick) < 20 else nick[:20] + '...' for nick in set(nicks))}"


def _folded(name):
    return unicodedata.normalize("NFKC", name).casefold()


def names_that_fold(ground):
    """Names that a server's preparation makes one: both speak, each under a nick of their own."""
    cast = ground.cast("folding", "alice bob dan")
    alice, bob, dan = (cast.actors[name].client for name in ("alice", "bob", "dan"))
    told = []
    for number, (one, other) in enumerate((("\u00c9mile", "E\u0301mile"), ("\uff21nna", "Anna"), ("dan", "dan"))):
        for client, name in ((alice, one), (bob, other)):
            _called(client, cast.room, name)
            client.send(cast.room, f"{client.name} is called {number}")
        nicks = {_nick_of(dan, cast.muc, f"{client.name} is called {number}") for client in (alice, bob)}
        expect(all(_folded(nick).startswith(_folded(one)) for nick in nicks), f"for {one}, {other} they are {nicks}")
        expect(len(nicks) == 2 and dan.nicks[cast.muc] not in nicks, f"{one} and {other} share the nicks {nicks}")
        told.append(" and ".join(sorted(nicks)))
    ground.crosses(cast, "after the folding")
    return "; ".join(told)


def broad_and_deep_html(ground):
    """60 kB of tags and what is nested 120 deep: the words arrive."""
    cast, mark = ground.cast("html"), ground.mark()
    alice, dan = cast.actors["alice"].client, cast.actors["dan"].client
    nested = "deep"
    for _ in range(100):  # Synapse itself refuses what is much deeper
        nested = [nested]
    alice.send_html(cast.room, "broad words", "<b>" * 19500 + "broad words")
    alice.send_html(cast.room, "deep words", "<blockquote>" * 120 + "deep words" + "</blockquote>" * 120)
    alice.send_html(cast.room, "listed words", "<ul><li>" * 120 + "listed words")
    alice.send(cast.room, "nested words", **{"x.nested": nested})
    for words in ("broad words", "deep words", "listed words", "nested words"):
        dan.wait_for(lambda s, w=words: s.tag == MESSAGE and w in (text_of(s, "client", "body") or ""), 30, words)
    ground.crosses(cast, "after the markup")
    expect("link down" not in ground.since(mark), "the link went down")
    return "the words arrived"


def _renamed(dan, muc, nick):
    """Whether the room lets dan be called so."""
    start = dan.mark()
    dan.send(el("presence", {"to": f"{muc}/{nick}"}))
    try:
        answer = dan.wait_for(lambda s: s.tag == PRESENCE and (s.get("from") or "").startswith(muc) and
                              (s.get("type") == "error" or "110" in {e.get("code") for e in s.iter()}
                               and s.get("type") is None), 20, f"the room's word on {nick!r}", start)
    except Failed:
        return False  # a stanza-too-long or malformed address may be answered by another's error, or not at all
    if answer.get("type") == "error":
        return False
    dan.nicks[muc] = answer.get("from").partition("/")[2]
    return True


def poison_from_xmpp(ground):
    """Bodies and nicks that an XMPP server lets through: the words arrive, whoever says them."""
    cast, mark = ground.cast("venom"), ground.mark()
    alice, dan = cast.actors["alice"].client, cast.actors["dan"].client
    start = len(alice.events)
    texts = ["a\u202eb", "\u2066x", "\ufeff.", "x\u0085y", "﷽" * 2000, "a\u0300" * 3000, "\U0010ffff ?", "<b>&amp;</b>"]
    for number, text in enumerate(texts):
        dan.say(cast.muc, f"{number}: {text}")
    ghosts = {alice.wait_for(lambda e, n=number: e["room_id"] == cast.room
                             and str(e.get("content", {}).get("body", "")).startswith(f"{n}:"), 30, f"text {number}",
                             start)["sender"] for number in range(len(texts))}
    taken = []
    nicks = ("a\u202eb", "👩‍🚀", "Stra\u00dfe", "@alice:matrix.test", "<b>", "d\u0430n", "x" * 500)
    for number, nick in enumerate(nicks):
        if not _renamed(dan, cast.muc, nick):
            continue
        taken.append(nick if len(nick) < 20 else nick[:20] + "...")
        dan.say(cast.muc, f"called {number}")
        said = alice.wait_for(lambda e, n=number: e["room_id"] == cast.room
                              and e.get("content", {}).get("body") == f"called {n}", 30, f"called {number}", start)
        expect(ghosts == {said["sender"]}, f"as {nick!r} dan is {said['sender']}, who was {ghosts}")
    ground.crosses(cast, "renamed")
    expect("link down" not in ground.since(mark), "the link went down")
    return f"{len(texts)} texts; the room took the nicks {taken}"


def messages_without_id(ground):
    """XMPP lets a message go without an id: each is one message all the same; so are equal ids of two people."""
    cast = ground.cast("noid", "alice dan carol")
    alice, dan, carol = (cast.actors[name].client for name in ("alice", "dan", "carol"))
    start = len(alice.events)

    def raw(who, text, **more):
        who.send(el("message", {"to": cast.muc, "type": "groupchat", **more}, el("body", None, text)))
    for number in range(3):
        raw(dan, f"no id {number}")
        raw(dan, "the same words")
        raw(dan, f"dan's {number}", id="same")
        raw(carol, f"carol's {number}", id="same")
    wanted = sorted([f"no id {n}" for n in range(3)] + ["the same words"] * 3 + [f"dan's {n}" for n in range(3)]
                    + [f"carol's {n}" for n in range(3)])

    def seen():
        with alice.changed:
            return sorted(e["content"].get("body", "") for e in alice.events[start:] if e["room_id"] == cast.room
                          and e["type"] == "m.room.message")
    until(lambda: len(seen()) >= len(wanted), 30, f"{len(wanted)} messages; has {seen()}")
    ground.crosses(cast, "with ids again")
    got = [text for text in seen() if "ids again" not in text]
    expect(got == wanted, f"alice saw {got}")
    return f"{len(wanted)} messages"


def _joined_with(client, ghost):
    """Accepts what the bot has invited to; the room that this ghost is in."""
    for room in list(client.invites):
        client.join(room)
    rooms = client.call("GET", "/joined_rooms")["joined_rooms"]
    return next((room for room in rooms if ghost in client.members(room)), None)


def chats_without_id(ground):
    """One to one: equal words without id are two messages; ids of two people are theirs."""
    cast = ground.cast("chatid", "alice dan carol", "none")
    alice, dan, carol = (cast.actors[name].client for name in ("alice", "dan", "carol"))
    puppet = cast.puppet(cast.actors["alice"])

    def raw(who, text, **more):
        who.send(el("message", {"to": puppet, "type": "chat", **more}, el("body", None, text)))
    wanted = {dan: ["hello", "no id here", "no id here"], carol: ["hello from carol"]}
    raw(dan, "hello", id="same")
    raw(carol, "hello from carol", id="same")
    raw(dan, "no id here")
    raw(dan, "no id here")
    for who, texts in wanted.items():
        ghost = ground.rialto.ghost(ground.network, who.jid)
        room = until(lambda g=ghost: _joined_with(alice, g), 30, f"an invitation by {who.jid}")

        def said(room=room):
            chunk = alice.call("GET", f"/rooms/{room}/messages?dir=b&limit=50")["chunk"]
            return [e["content"].get("body") for e in reversed(chunk) if e["type"] == "m.room.message"]
        until(lambda s=said, t=texts: len(s()) >= len(t), 30, f"{texts}")
        expect(said() == texts, f"in the chat with {who.jid} alice saw {said()}")
    return "each in its room, once and in order"


def _forged(muc, hers, other):
    """What an occupant adds to a message to make it somebody else's, older, or one that was there already."""
    return {
        "a stanza-id of the room": Xml(f"<stanza-id xmlns='{NS['sid']}' by='{muc}' id='forged'/>"),
        "the same stanza-id": Xml(f"<stanza-id xmlns='{NS['sid']}' by='{muc}' id='forged'/>"),
        "her stanza-id": Xml(f"<stanza-id xmlns='{NS['sid']}' by='{muc}' id='{hers}'/>"),
        "an occupant-id": Xml(f"<occupant-id xmlns='{NS['occupant']}' id='{other or 'forged'}'/>"),
        "a delay of the room": Xml(f"<delay xmlns='{NS['delay']}' from='{muc}' stamp='2001-01-01T00:00:00Z'/>"),
        "a real address": Xml(f"<x xmlns='{NS['user']}'><item jid='admin@example.org' role='moderator'/></x>"),
    }


def spoofed_ids(ground):
    """Ids, times and addresses that an occupant puts into a message are the occupant's words: each message is his."""
    cast = ground.cast("spoof", "alice dan carol")
    alice, dan, carol = (cast.actors[name].client for name in ("alice", "dan", "carol"))
    name = carol.say(cast.muc, "carol's own")
    hers = dan.wait_body(cast.muc, "carol's own", 30)
    dan.say(cast.muc, "dan's own")
    her, his = (alice.wait_for(lambda e, t=text: e.get("content", {}).get("body") == t, 30, text)["sender"]
                for text in ("carol's own", "dan's own"))
    expect(her != his, f"both are {his}")
    occupant = child(hers, "occupant", "occupant-id")
    start = len(alice.events)
    forged = _forged(cast.muc, stanza_id(hers, cast.muc), None if occupant is None else occupant.get("id"))
    for number, (what, extra) in enumerate(forged.items()):
        dan.message(cast.muc, el("body", None, f"with {what}"), extra, name=name if number == 0 else None)
    # XEP-0308 and 0424 §5: only the author may; others' words stand.
    dan.say(cast.muc, "never hers", el("replace", {"id": name}, ns="correct"))
    dan.retract(cast.muc, stanza_id(hers, cast.muc))
    ground.crosses(cast, "after the forgeries")
    with alice.changed:
        news = [e for e in alice.events[start:] if e["room_id"] == cast.room]
    got = [e["content"]["body"] for e in news if e["sender"] == his and e["type"] == "m.room.message"
           and "with " in e["content"].get("body", "")]
    expect(got == [f"with {what}" for what in forged], f"of dan alice saw {got}")
    bad = [e for e in news if e["type"] == "m.room.redaction" or e["sender"] == her]
    expect(not bad, f"carol's words were touched: {bad}")
    return f"{len(got)} messages, all his"


STORIES = (poison_from_matrix, poison_names, names_that_fold, broad_and_deep_html, poison_from_xmpp,
           messages_without_id, chats_without_id, spoofed_ids)
