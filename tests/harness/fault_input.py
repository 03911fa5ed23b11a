"""Stories of what nobody should send: the links stay up, and what can be understood arrives."""
import json
import time
import urllib.error
import urllib.request

from tests.harness.component import Stranger
from tests.harness.fault_ground import expect
from tests.harness.process import until
from tests.harness.stanza_xml import NS, el, text_of
from tests.harness.xmpp_client import MESSAGE

POISON = {
    "NUL": "a\0b", "C0": "a\x01\x08\x0b\x1fb", "U+FFFE": "a\ufffeb", "U+FFFF": "a\uffffb", "lone surrogate": "a\ud800b",
    "other surrogate": "a\udfffb", "bidi": "a\u202eb\u2066c", "entity": "a&#0;b<![CDATA[x]]>", "byte order": "\ufeffab",
}


def poison_from_matrix(ground):
    """Whatever JSON can hold in a body: it is shown without what XML cannot hold, and the stream stays up."""
    cast, mark = ground.cast("poison"), ground.mark()
    alice, dan = cast.actors["alice"].client, cast.actors["dan"].client
    taken = []
    for name, text in POISON.items():
        try:
            alice.send(cast.room, f"{name}: {text}", formatted_body=f"{name}: <i>{text}</i>",
                       format="org.matrix.custom.html")
            taken.append(name)
        except Exception as refused:  # Synapse takes no lone surrogates; that is its answer
            expect("M_" in str(refused) or "surrogates" in str(refused), f"{name}: {refused}")
    start = dan.mark()
    for name in taken:
        dan.wait_for(lambda s, n=name: s.tag == MESSAGE and (text_of(s, "client", "body") or "").startswith(n + ":"),
                     30, f"the message with {name}", 0)
    ground.crosses(cast, "after the poison")
    expect("link down" not in ground.since(mark), "the link went down")
    return f"{len(taken)} of {len(POISON)} were taken by the homeserver and arrived; {dan.mark() - start} stanzas since"


def poison_names(ground):
    """The same in display names: the nick is one that the room takes."""
    cast, mark = ground.cast("names"), ground.mark()
    alice, dan = cast.actors["alice"].client, cast.actors["dan"].client
    ground.crosses(cast, "before")
    names = []
    for number, text in enumerate([*POISON.values(), "\u202e", " ", "👩‍🚀", "ẞ" * 200, "x" * 256, "/", "a/b@c"]):
        try:
            alice.set_name(text)
        except Exception:  # not a name for the homeserver either
            continue
        names.append(text)
        alice.send(cast.room, f"named {number}")
        dan.wait_body(cast.muc, f"named {number}", 30)
    ground.crosses(cast, "still called something")
    expect("link down" not in ground.since(mark), "the link went down")
    return f"{len(names)} names"


def poison_from_xmpp(ground):
    cast = ground.cast("venom")
    alice, dan = cast.actors["alice"].client, cast.actors["dan"].client
    start = len(alice.events)
    texts = ["a\u202eb", "\u2066x", "\ufeff.", "x\u0085y", "﷽" * 2000, "a\u0300" * 3000, "\U0010ffff ?", "<b>&amp;</b>"]
    for number, text in enumerate(texts):
        dan.say(cast.muc, f"{number}: {text}")
    for number in range(len(texts)):
        alice.wait_for(lambda e, n=number: e["room_id"] == cast.room
                       and str(e.get("content", {}).get("body", "")).startswith(f"{n}:"), 30, f"text {number}", start)
    for nick in ("a\u202eb", "👩‍🚀", "ẞß", "@alice:matrix.test", "<b>", "x" * 500):
        dan.rename(cast.muc, nick)
        time.sleep(0.2)
        dan.wait_for(lambda s: True, 1)
    dan.rename(cast.muc, "dan again")
    dan.wait_for(lambda s: s.get("from") == f"{cast.muc}/dan again", 20, "its nick")
    ground.crosses(cast, "renamed")
    return "shown"


def junk_pushed(ground):
    """What no homeserver sends, straight at the listener."""
    token = _hs_token(ground)
    url = ground.rialto.appservice_url

    def push(body, name, auth=f"Bearer {token}"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"{url}/_matrix/app/v1/transactions/{name}", data, method="PUT",
                                         headers={"Content-Type": "application/json"})
        if auth:
            request.add_header("Authorization", auth)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
    odd = [None, 3, {}, [], "x", {"type": 3}, {"type": "m.room.message", "content": None},
           {"type": "m.room.message", "event_id": "$x", "room_id": 5, "sender": [], "content": {"body": {}}},
           {"type": "m.room.member", "event_id": "$y", "room_id": "!r", "sender": "@a:b", "state_key": 1, "content": 2},
           {"type": "m.room.message", "event_id": "$z", "room_id": "!r:x", "sender": "@a:b",
            "content": {"msgtype": "m.text", "body": "b", "m.relates_to": {"m.in_reply_to": [], "rel_type": {}}}}]
    wanted = [(push({"events": odd}, "junk-1"), 200), (push({"events": odd}, "junk-1"), 200),
              (push({"events": [None, 3, {}]}, "junk-2"), 200), (push({"events": {}}, "junk-3"), 200),
              (push({}, "junk-4"), 200), (push({"events": []}, "a", "Bearer wrong"), 403),
              (push({"events": []}, "a", None), 403), (push(b"{", "junk-5"), 400),
              (push(b"[" * 200000, "junk-6"), 400), (push({"events": [], "x": "y" * 6_000_000}, "junk-7"), 200)]
    for number, (got, right) in enumerate(wanted):
        expect(got == right or (right == 400 and got == 200), f"push {number} was answered {got}, not {right}")
    cast = ground.cast("junk")
    ground.crosses(cast, "after the junk")
    return f"answered {[got for got, _ in wanted]}"


def _hs_token(ground):
    text = ground.rialto.registration.read_text()
    return next(line.split(":", 1)[1].strip().strip('"') for line in text.splitlines() if line.startswith("hs_token"))


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


def _joined_with(ground, client, ghost):
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
    raw(dan, "hello", id="same")
    raw(carol, "hello from carol", id="same")
    raw(dan, "no id here")
    rooms = {}
    for who in (dan, carol):
        ghost = ground.rialto.ghost(ground.network, who.jid)
        rooms[who] = until(lambda g=ghost: _joined_with(ground, alice, g), 30, f"an invitation by {who.jid}")

    def has(room, text):
        return any(e.get("content", {}).get("body") == text for e in
                   alice.call("GET", f"/rooms/{room}/messages?dir=b&limit=50")["chunk"])
    for who, text in ((dan, "hello"), (dan, "no id here"), (carol, "hello from carol")):
        until(lambda w=who, t=text: has(rooms[w], t), 30, f"{text!r}")
    return "each in its room"


def _huge(ground, cast):
    """Big, deep, broad and stream-like stanzas, to a puppet."""
    puppet = cast.puppet(cast.actors["alice"])
    head = f"<message from='x@{ground.server.stranger}' to='{puppet}' type='chat' id="
    return {
        "2 MB body": f"{head}'big'><body>{'x' * 2_000_000}</body></message>",  # 10 MB end ejabberd 23.01 itself
        "depth 1,000": f"{head}'deep'><body>deep</body>{'<a>' * 1000}{'</a>' * 1000}</message>",
        "50,000 children": f"{head}'broad'><body>broad</body>{'<a/>' * 50000}</message>",
        "stream in a message": f"{head}'stream'><body>s</body><stream:stream xmlns:stream='{NS['stream']}'/></message>",
        "stream error in a message": f"{head}'err'><body>s</body><stream:error xmlns:stream='{NS['stream']}'/></message>",
    }


def huge_stanzas(ground):
    """From another component of the same server, which passes on what its users' clients may not say."""
    cast, mark = ground.cast("huge"), ground.mark()
    passed = []
    for name, xml in _huge(ground, cast).items():
        stranger = Stranger(ground.server)
        try:
            stranger.send(xml)
            stranger.send(f"<iq from='x@{stranger.domain}' to='{ground.server.component}' type='get' id='after'>"
                          "<ping xmlns='urn:xmpp:ping'/></iq>")
            stranger.wait("after", 30)
            passed.append(name)
        except Exception as cut:  # the server would not have it
            expect(ground.server.process.alive(), f"{name} ended the XMPP server itself: {cut}")
            ground.alive()
        finally:
            stranger.close()
    ground.crosses(cast, "after the giants")
    expect("link down" not in ground.since(mark), "the link went down")
    return f"through the server came: {', '.join(passed) or 'none'}"


def flood_of_chats(ground):
    """One XMPP account writes to 40 people: some chats are opened, the rest is refused with an error."""
    cast = ground.cast("flood", "alice dan", "none")
    dan, mark = cast.actors["dan"].client, cast.actors["dan"].client.mark()
    home = cast.actors["alice"].client.mxid.partition(":")[2]
    for number in range(40):
        dan.send(el("message", {"to": f"flood{number}_{home}@{ground.server.component}", "type": "chat",
                                "id": f"flood-{number}"}, el("body", None, "buy now")))

    def refused():
        with dan.changed:
            return [s for s in dan.stanzas[mark:] if s.tag == MESSAGE and s.get("type") == "error"]
    until(lambda: len(refused()) >= 20, 30, f"20 refusals; there are {len(refused())}")
    time.sleep(1)
    expect(len(refused()) < 40, "all were refused")
    return f"{len(refused())} of 40 refused: {dan.error_of(refused()[-1])}"


def chat_to_nobody_on_matrix(ground):
    """A puppet's address of somebody who does not exist: the sender is told."""
    cast = ground.cast("ghosttown", "alice dan", "none")
    dan = cast.actors["dan"].client
    home = cast.actors["alice"].client.mxid.partition(":")[2]
    mark = dan.mark()
    dan.send(el("message", {"to": f"never.was_{home}@{ground.server.component}", "type": "chat", "id": "nobody"},
                el("body", None, "hello?")))
    error = dan.wait_for(lambda s: s.tag == MESSAGE and s.get("id") == "nobody" and s.get("type") == "error", 30,
                         "an error", mark)
    return dan.error_of(error)


def flood_of_invites(ground):
    """One Matrix account begins 200 chats at once: the bridge declines most, and everybody else is served."""
    cast, mark = ground.cast("invites"), ground.mark()
    url, token = ground.rialto.appservice_url, _hs_token(ground)
    events = [{"type": "m.room.member", "event_id": f"$flood{n}", "room_id": f"!flood{n}:x.test",
               "sender": cast.actors["alice"].client.mxid, "origin_server_ts": 1,
               "state_key": ground.rialto.ghost(ground.network, f"victim{n}@{cast.server.domain}"),
               "content": {"membership": "invite", "is_direct": True}} for n in range(200)]
    request = urllib.request.Request(f"{url}/_matrix/app/v1/transactions/flood", json.dumps({"events": events}).encode(),
                                     {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
                                     method="PUT")
    with urllib.request.urlopen(request, timeout=20) as answer:
        expect(answer.status == 200, f"the push was answered {answer.status}")
    text = "too many chats were begun"
    ground.told(text, mark)
    ground.crosses(cast, "beside the flood")
    until(lambda: ground.since(mark).count(text) == 140, 30,
          f"140 of 200 to be declined; there are {ground.since(mark).count(text)}")
    return ground.told(text, mark)


STORIES = (poison_from_matrix, poison_names, poison_from_xmpp, junk_pushed, messages_without_id, chats_without_id,
           huge_stanzas, flood_of_chats, chat_to_nobody_on_matrix, flood_of_invites)
