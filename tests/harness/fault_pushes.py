"""Stories of what is pushed at the listener: whatever comes, what can be understood arrives once and the rest costs
only itself."""
import json
import urllib.error
import urllib.request

from tests.harness.fault_ground import expect
from tests.harness.process import until
from tests.harness.stanza_xml import text_of
from tests.harness.xmpp_client import MESSAGE

WRONG = {  # what is wrong beside a body that is right
    "relates_to is a number": {"m.relates_to": 5},
    "relates_to is a list": {"m.relates_to": [[]]},
    "rel_type is an object": {"m.relates_to": {"rel_type": {}, "event_id": 7, "m.in_reply_to": []}},
    "it replies to nothing": {"m.relates_to": {"m.in_reply_to": {"event_id": None}}},
    "it replies to an unknown event": {"m.relates_to": {"m.in_reply_to": {"event_id": "$never-was"}}},
    "formatted_body is a number": {"format": "org.matrix.custom.html", "formatted_body": 3},
    "mentions is a word": {"m.mentions": "everybody"},
    "msgtype is unknown": {"msgtype": "org.example.unknown"},
}
ODD = [None, 3, {}, [], "x", {"type": 3}, {"type": "m.room.message", "content": None},
       {"type": "m.room.message", "event_id": "$x", "room_id": 5, "sender": [], "content": {"body": {}}},
       {"type": "m.room.member", "event_id": "$y", "room_id": "!r", "sender": "@a:b", "state_key": 1, "content": 2}]


def hs_token(ground):
    text = ground.rialto.registration.read_text()
    return next(line.split(":", 1)[1].strip().strip('"') for line in text.splitlines() if line.startswith("hs_token"))


def push(ground, body, name, token=""):
    """The status with which a transaction is answered; token None: none is sent."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{ground.rialto.appservice_url}/_matrix/app/v1/transactions/{name}", data,
                                     {"Content-Type": "application/json"}, method="PUT")
    if token is not None:
        request.add_header("Authorization", f"Bearer {token or hs_token(ground)}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def message(cast, name, text, **content):
    """A message of alice's in the bridged room that no homeserver has ever seen."""
    return {"type": "m.room.message", "event_id": f"${name}-{cast.number}", "room_id": cast.room, "sender":
            cast.actors["alice"].client.mxid, "origin_server_ts": 1, "content": {"msgtype": "m.text", "body": text,
                                                                                 **content}}


def heard(cast, start=0):
    """The bodies that dan was shown."""
    dan = cast.actors["dan"].client
    with dan.changed:
        return [text_of(s, "client", "body") or "" for s in dan.stanzas[start:] if s.tag == MESSAGE
                and (s.get("from") or "").startswith(cast.muc + "/alice")]


def junk_pushed(ground):
    """What no homeserver sends: an answer, and what comes behind it goes on."""
    wanted = [({"events": ODD}, "junk-1", "", 200), ({"events": ODD}, "junk-1", "", 200),
              ({"events": [None, 3, {}]}, "junk-2", "", 200), ({"events": {}}, "junk-3", "", 200),
              ({}, "junk-4", "", 200), ({"events": []}, "a", "wrong", 403), ({"events": []}, "a", None, 403),
              (b"{", "junk-5", "", 400), (b"[" * 200000, "junk-6", "", 400),
              ({"events": [], "x": "y" * 6_000_000}, "junk-7", "", 200)]
    for number, (body, name, token, right) in enumerate(wanted):
        got = push(ground, body, name, token)
        # What is no JSON at all is let go after some tries: the homeserver would repeat it for ever.
        expect(got == right or (right == 400 and got == 200), f"push {number} was answered {got}, not {right}")
    ground.crosses(ground.cast("junk"), "after the junk")
    return f"{len(wanted)} answers"


def odd_events(ground):
    """Wrong types beside a body that is right, in a bridged room: the body arrives, in order."""
    cast = ground.cast("odd")
    events = []
    for number, (what, content) in enumerate(WRONG.items()):
        events += [message(cast, f"odd-{number}", f"though {what}", **content), ODD[number % len(ODD)]]
    for number, content in enumerate((None, 5, [], {}, {"body": {}}, {"msgtype": "m.text"}, {"body": "no msgtype"})):
        events.append({**message(cast, f"empty-{number}", ""), "content": content})
    expect(push(ground, {"events": events}, f"odd-{cast.number}") == 200, "the odd events were refused")
    ground.crosses(cast, "after the odd ones")
    got = [text for text in heard(cast) if "though" in text]
    wanted = [f"though {what}" for what in WRONG]
    expect([text.split("\n")[-1] for text in got] == wanted, f"dan saw {got}")
    return f"{len(wanted)} bodies arrived"


def transactions_again(ground):
    """Ids repeated, used for something else, out of order: each event once, whatever its transaction is called."""
    cast = ground.cast("again")
    one, two, three, four = (message(cast, f"again-{n}", f"event {n}") for n in range(1, 5))
    pushes = [(7, [one]), (7, [one]), (7, [two]), (3, [one, two, three]), (1, [four, one]), (7, [])]
    for name, events in pushes:
        expect(push(ground, {"events": events}, name) == 200, f"transaction {name} was refused")
    ground.crosses(cast, "after the transactions")
    got = [text for text in heard(cast) if text.startswith("event")]
    expect(got == [f"event {n}" for n in range(1, 5)], f"dan saw {got}")
    return f"{len(pushes)} transactions, {len(got)} messages"


def six_megabytes(ground):
    """A full transaction as Synapse makes it: 100 events of 60 kB."""
    cast, mark = ground.cast("mega"), ground.mark()
    events = [message(cast, f"mega-{n}", f"big {n}.", format="org.matrix.custom.html",
                      formatted_body=f"big {n}." + "<b></b>" * 8700) for n in range(100)]
    size = len(json.dumps({"events": events}))
    expect(size > 6_000_000, f"only {size} bytes")
    expect(push(ground, {"events": events}, f"mega-{cast.number}") == 200, "6 MB were refused")
    wanted = [f"big {n}." for n in range(100)]
    until(lambda: len([t for t in heard(cast) if t.startswith("big")]) >= 100, 60, f"dan to see 100; has {heard(cast)}")
    got = [text for text in heard(cast) if text.startswith("big")]
    expect(got == wanted, f"dan saw {got}")
    ground.crosses(cast, "after six megabytes")
    expect("link down" not in ground.since(mark), "the link went down")
    return f"{size} bytes, {len(got)} messages in order"


def flood_of_invites(ground):
    """One Matrix account begins 200 chats at once: the bridge declines most, and everybody else is served."""
    cast, mark = ground.cast("invites"), ground.mark()
    events = [{"type": "m.room.member", "event_id": f"$flood{n}", "room_id": f"!flood{n}:x.test",
               "sender": cast.actors["alice"].client.mxid, "origin_server_ts": 1,
               "state_key": ground.rialto.ghost(ground.network, f"victim{n}@{cast.server.domain}"),
               "content": {"membership": "invite", "is_direct": True}} for n in range(200)]
    status = push(ground, {"events": events}, "flood")
    expect(status == 200, f"the push was answered {status}")
    text = "too many chats were begun"
    ground.told(text, mark)
    ground.crosses(cast, "beside the flood")
    until(lambda: ground.since(mark).count(text) >= 140, 30,
          f"140 of 200 to be declined; there are {ground.since(mark).count(text)}")
    expect(ground.since(mark).count(text) == 140, f"{ground.since(mark).count(text)} were declined, not 140")
    return ground.told(text, mark)


STORIES = (junk_pushed, odd_events, transactions_again, six_megabytes, flood_of_invites)
