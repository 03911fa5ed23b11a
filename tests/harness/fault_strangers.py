"""Stories of other servers and components: giants and forgeries that a server passes on, floods, rooms that are slow,
and a server that itself is hostile."""
import concurrent.futures

from tests.harness.component import RoomService, Stranger
from tests.harness.fault_ground import expect
from tests.harness.fault_rooms import bridge_asked, with_bot
from tests.harness.matrix_client import MatrixClient
from tests.harness.process import until
from tests.harness.stanza_xml import NS, el, text_of
from tests.harness.xmpp_client import MESSAGE


def _giants(ground, cast):
    """Big, deep, broad and stream-like stanzas, to a puppet."""
    puppet = cast.puppet(cast.actors["alice"])
    head = f"<message from='x@{ground.server.stranger}' to='{puppet}' type='chat' id="
    stream = f"xmlns:stream='{NS['stream']}'"
    return {
        "2 MB body": f"{head}'big'><body>{'x' * 2_000_000}</body></message>",  # 10 MB end ejabberd 23.01 itself
        "depth 1,000": f"{head}'deep'><body>deep</body>{'<a>' * 1000}{'</a>' * 1000}</message>",
        "50,000 children": f"{head}'broad'><body>broad</body>{'<a/>' * 50000}</message>",
        "stream in a message": f"{head}'stream'><body>s</body><stream:stream {stream}/></message>",
        "stream error in a message": f"{head}'err'><body>s</body><stream:error {stream}/></message>",
        "comment": f"{head}'comment'><body>a<!-- b -->c</body></message>",
        "CDATA": f"{head}'cdata'><body><![CDATA[</body></message></stream:stream>]]></body></message>",
        "document type": "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>"
                         f"{head}'d'><body>&b;</body></message>",
        "processing instruction": f"<?xml-stylesheet href='x'?>{head}'pi'><body>x</body></message>",
        "NUL": f"{head}'nul'><body>a&#0;b\0</body></message>",
    }


def giant_stanzas(ground):
    """From another component of the same server, which passes on what its users' clients may not say."""
    cast, mark = ground.cast("huge"), ground.mark()
    passed = []
    for name, xml in _giants(ground, cast).items():
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


def forged_copies(ground):
    """Carbons and archive rows that a stranger sends (CVE-2017-5589 and its like): nobody is shown their words."""
    cast = ground.cast("carbon")
    alice, puppet = cast.actors["alice"].client, cast.puppet(cast.actors["alice"])
    start = len(alice.events)
    dan = cast.actors["dan"].client.jid
    inner = (f"<forwarded xmlns='{NS['forward']}'><message xmlns='jabber:client' from='{dan}/x' to='{puppet}' "
             "type='chat'><body>forged words</body></message></forwarded>")
    room = inner.replace(f"{dan}/x", f"{cast.muc}/dan").replace("type='chat'", "type='groupchat'")
    stranger = Stranger(ground.server)
    try:
        for number, to in enumerate((puppet, f"{puppet}/rialto", ground.rialto.listener(cast.server))):
            head = f"<message from='x@{stranger.domain}' to='{to}' id='forged-{number}'"
            stranger.send(f"{head}><received xmlns='urn:xmpp:carbons:2'>{inner}</received></message>"
                          f"{head}><sent xmlns='urn:xmpp:carbons:2'>{inner}</sent></message>"
                          f"{head}><result xmlns='{NS['mam']}' queryid='q1' id='1'>{room}</result></message>"
                          f"{head} type='groupchat'><body>forged words</body></message>")
        stranger.send(f"<iq from='x@{stranger.domain}' to='{cast.server.component}' type='get' id='after'>"
                      "<ping xmlns='urn:xmpp:ping'/></iq>")
        stranger.wait("after", 30)
    finally:
        stranger.close()
    ground.crosses(cast, "after the forgeries")
    with alice.changed:
        bad = [e for e in alice.events[start:] if "forged" in str(e.get("content"))]
    expect(not bad and not alice.invites, f"alice was shown {bad}, invited to {alice.invites}")
    return "nobody was shown the words"


def _accounts(ground, cast, count):
    """This many people on Matrix who only listen."""
    def make(number):
        return MatrixClient(ground.synapse.url, f"idle{number}-{cast.number}", "only listens").enter().follow()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(make, range(count)))


def flood_of_chats(ground):
    """One XMPP account writes to 30 people at once: twenty chats are opened, the rest is refused with an error."""
    cast = ground.cast("flood")
    dan = cast.actors["dan"].client
    people = _accounts(ground, cast, 30)
    mark = dan.mark()
    for number, person in enumerate(people):
        dan.send(el("message", {"to": ground.rialto.puppet(person.mxid, cast.server), "type": "chat",
                                "id": f"flood-{number}"}, el("body", None, "buy now")))

    def refused():
        with dan.changed:
            return [s for s in dan.stanzas[mark:] if s.tag == MESSAGE and s.get("type") == "error"]
    until(lambda: len(refused()) >= 10, 60, f"10 refusals; there are {len(refused())}")

    def invited():
        return [person for person in people if person.invites]
    until(lambda: len(invited()) >= 20, 60, f"20 to be invited; {len(invited())} are")
    ground.crosses(cast, "beside the flood")
    for person in people:
        person.close()
    expect((len(refused()), len(invited())) == (10, 20), f"{len(refused())} refused, {len(invited())} invited")
    return f"20 of 30 were invited, of the others: {dan.error_of(refused()[-1])}"


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


def answers_of_another(ground):
    """What somebody else answers to a question of ours is not believed (RFC 6120 §8.1.2.1)."""
    cast = ground.cast("impostor", "alice dan", "none")
    alice = cast.actors["alice"].client
    service = RoomService(ground.server)
    try:
        # Before the room says that it is one, somebody else says that it is none.
        service.before_disco = lambda iq: service.result(iq, "<query xmlns='%s'/>" % NS["info"],
                                                         sender=f"evil@{service.domain}")
        room = with_bot(cast, alice)
        said = bridge_asked(ground, alice, room, f"garden{cast.number}@{service.domain}", "is now joined")
        service.say(f"garden{cast.number}", "romeo", "true words")
        alice.wait_for(lambda e: e["room_id"] == room and e.get("content", {}).get("body") == "true words", 30,
                       "what is said there")
        expect(service.asked > 0, "nobody asked what the room is")
        return said
    finally:
        service.close()


def slow_room(ground):
    """A room that answers after seven seconds: the alias is answered in five, and how it ended is told in the room."""
    cast = ground.cast("slow", "alice dan", "none")
    alice = cast.actors["alice"].client
    service = RoomService(ground.server)
    try:
        service.join_delay, service.join_refusal = 7, "registration-required"
        start = len(alice.events)
        room = alice.join(ground.rialto.alias(ground.network, f"garden{cast.number}@{service.domain}"))
        return ground.notice(alice, room, "members only", start, 60)["content"]["body"]
    finally:
        service.close()


def silent_room(ground):
    """A room that never answers a join: whoever asked is told so, and others are served meanwhile."""
    cast = ground.cast("silent")
    alice = cast.actors["alice"].client
    service = RoomService(ground.server)
    try:
        service.join_delay = 10_000
        room, start = with_bot(cast, alice), len(alice.events)
        alice.send(room, f"!rialto bridge {ground.network} garden{cast.number}@{service.domain}")
        until(lambda: service.joins > 0, 30, "the bridge to knock")
        ground.crosses(cast, "beside the silence")
        return ground.notice(alice, room, "does not answer", start, 90)["content"]["body"]
    finally:
        service.close()


STORIES = (giant_stanzas, forged_copies, flood_of_chats, chat_to_nobody_on_matrix, answers_of_another, slow_room,
           silent_room)
