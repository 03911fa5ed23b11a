"""Stories of rooms that will not have us: the Matrix user is told why, in the room and in plain words."""
from tests.harness.fault_ground import expect
from tests.harness.matrix_client import MatrixError
from tests.harness.process import Failed, until
from tests.harness.stanza_xml import el

OWNER = "http://jabber.org/protocol/muc#owner"
FORM_TYPE = "http://jabber.org/protocol/muc#roomconfig"


def configure(owner, room, **fields):
    """XEP-0045 §10.2: the owner changes these fields and leaves the others."""
    values = {"FORM_TYPE": FORM_TYPE, **{key if key == "members_by_default" else f"muc#roomconfig_{key}": value
                                       for key, value in fields.items()}}
    form = [el("field", {"var": key}, el("value", None, str(value))) for key, value in values.items()]
    answer = owner.ask(el("query", {"xmlns": OWNER}, el("x", {"xmlns": "jabber:x:data", "type": "submit"}, *form)),
                       room, "set")
    expect(answer.get("type") == "result", f"{room} cannot be configured: {owner.error_of(answer)}")


def _made(cast, name, **fields):
    """A MUC of dan's with these settings, and a Matrix room of alice's with the bot in it."""
    alice, dan = cast.actors["alice"].client, cast.actors["dan"].client
    muc = f"{name}-{cast.number}@{cast.server.muc}"
    dan.join(muc)
    if fields:
        configure(dan, muc, **fields)
    return alice, dan, muc, with_bot(cast, alice)


def with_bot(cast, alice):
    bot = cast.stage.rialto.bot
    room = alice.create_room(preset="public_chat", invite=[bot])
    until(lambda: bot in alice.members(room), 30, "the bot to join")
    return room


def bridge_asked(ground, alice, room, muc, *words):
    """What `!rialto bridge` is answered: all of these words."""
    start = len(alice.events)
    alice.send(room, f"!rialto bridge {ground.network} {muc}")
    said = ground.notice(alice, room, "", start, 40)["content"]["body"]
    for word in words:
        expect(word in said.lower(), f"the answer does not say {word!r}: {said}")
    return said


def bridge_members_only(ground):
    alice, _, muc, room = _made(ground.cast("closed", place="none"), "closed", membersonly=1)
    return bridge_asked(ground, alice, room, muc, "member")


def bridge_password(ground):
    alice, _, muc, room = _made(ground.cast("locked", place="none"), "locked", passwordprotectedroom=1,
                                roomsecret="sesame")
    return bridge_asked(ground, alice, room, muc, "password")


def bridge_banned(ground):
    cast = ground.cast("banning", place="none")
    alice, dan, muc, room = _made(cast, "banning")
    dan.ban(muc, cast.server.component, "no bridges here") if ground.network == "ejabberd" else \
        dan.ban(muc, f"rialto@{cast.server.component}", "no bridges here")
    return bridge_asked(ground, alice, room, muc, "ban")


def bridge_full(ground):
    alice, _, muc, room = _made(ground.cast("crowded", place="none"), "crowded", maxusers=1)
    return bridge_asked(ground, alice, room, muc, "full")


bridge_full.only = "ejabberd"  # Prosody's rooms have no such limit


def bridge_no_such_domain(ground):
    cast = ground.cast("nowhere", place="none")
    alice = cast.actors["alice"].client
    return bridge_asked(ground, alice, with_bot(cast, alice), "orchard@muc.nowhere.invalid", "muc.nowhere.invalid")


def bridge_not_a_room_service(ground):
    cast = ground.cast("noservice", place="none")
    alice = cast.actors["alice"].client
    return bridge_asked(ground, alice, with_bot(cast, alice), f"dan@{cast.server.domain}", "not a room service")


def bridge_no_address(ground):
    cast = ground.cast("badaddress", place="none")
    alice = cast.actors["alice"].client
    return bridge_asked(ground, alice, with_bot(cast, alice), "@@/", "orchard@muc.example")


def bridge_unknown_network(ground):
    cast = ground.cast("badnetwork", place="none")
    alice = cast.actors["alice"].client
    room, start = with_bot(cast, alice), len(alice.events)
    alice.send(room, "!rialto bridge irc orchard@muc.example")
    said = ground.notice(alice, room, "", start)["content"]["body"]
    expect(ground.network in said, f"it does not name the networks that there are: {said}")
    return said


def _speaks_in_vain(ground, cast, *words):
    """bob, whose puppet is not in the MUC yet, speaks and is told why it does not arrive."""
    bob = cast.actors["bob"].client
    start = len(bob.events)
    bob.send(cast.room, "Will you hear me?")
    said = ground.notice(bob, cast.room, "was not delivered", start, 40)["content"]["body"]
    for word in words:
        expect(word in said.lower(), f"the notice does not say {word!r}: {said}")
    return said


def speak_members_only(ground):
    """The room closes after it was bridged: the listener stays, new puppets are not let in."""
    cast = ground.cast("closing", "alice bob dan")
    dan = cast.actors["dan"].client
    dan.affiliate(cast.muc, f"rialto@{cast.server.component}", "member")
    configure(dan, cast.muc, membersonly=1)
    return _speaks_in_vain(ground, cast, "member")


def speak_banned(ground):
    cast = ground.cast("outlaw", "alice bob dan")
    puppet = cast.puppet(cast.actors["bob"])
    cast.actors["dan"].client.ban(cast.muc, puppet, "bob is not welcome")
    said = _speaks_in_vain(ground, cast, "ban")
    ground.crosses(cast, "others speak on")
    return said


def speak_full(ground):
    """A full room is a matter of time: the message waits, and arrives when its owner makes place."""
    cast = ground.cast("brim", "alice bob dan")
    dan = cast.actors["dan"].client
    configure(dan, cast.muc, maxusers=2)  # of puppets, the most silent would make place
    cast.actors["bob"].client.send(cast.room, "Will you hear me?")
    cast.actors["bob"].client.send(cast.room, "And now?")
    configure(dan, cast.muc, maxusers=20)
    dan.wait_body(cast.muc, "And now?", 60)
    said = [body for nick, body in dan.bodies(cast.muc) if nick.startswith("bob")]
    expect(said == ["Will you hear me?", "And now?"], f"the room saw {said}")
    return "what waited arrived in order"


speak_full.only = "ejabberd"


def speak_moderated(ground):
    """Visitors have no voice: a puppet that joins is a visitor."""
    cast = ground.cast("hushed", "alice bob dan")
    configure(cast.actors["dan"].client, cast.muc, moderatedroom=1, **(
        {"members_by_default": 0} if ground.network == "ejabberd" else {}))
    return _speaks_in_vain(ground, cast, "voice")


def room_destroyed(ground):
    """The far room goes: Matrix is told, and whoever speaks on is told too."""
    cast = ground.cast("doomed")
    ground.crosses(cast, "still there")
    alice, dan = cast.actors["alice"].client, cast.actors["dan"].client
    start = len(alice.events)
    dan.ask(el("query", {"xmlns": OWNER}, el("destroy", None, el("reason", None, "the play is over"))), cast.muc, "set")
    return ground.notice(alice, cast.room, "", start, 40)["content"]["body"]


def alias_no_such_room_service(ground):
    """A far room that refuses at once makes no Matrix room: whoever follows the alias is told that it is none."""
    cast, mark = ground.cast("alias", place="none"), ground.mark()
    try:
        cast.actors["alice"].client.join(ground.rialto.alias(ground.network, "orchard@muc.nowhere.invalid"))
    except MatrixError as refused:
        expect(refused.status == 404, f"the alias is answered {refused}")
        return ground.told("muc.nowhere.invalid", mark)
    raise Failed("alice has joined a room of a server that does not exist")


def bridge_gone(ground):
    """A room that was destroyed (Prosody keeps its memory; ejabberd lets the next one make it anew)."""
    cast = ground.cast("former", place="none")
    alice, dan, muc, room = _made(cast, "former")
    dan.ask(el("query", {"xmlns": OWNER}, el("destroy", None, el("reason", None, "the play is over"))), muc, "set")
    return bridge_asked(ground, alice, room, muc, "check the address")


bridge_gone.only = "prosody"


def chat_with_nobody(ground):
    """A chat with an address that nobody has: the first message's author is told."""
    cast = ground.cast("nobody", place="none")
    alice = cast.actors["alice"].client
    ghost = ground.rialto.ghost(ground.network, f"nobody-at-all@{cast.server.domain}")
    room = alice.create_dm(ghost)
    until(lambda: ghost in alice.members(room), 30, "the ghost to accept")
    start = len(alice.events)
    alice.send(room, "Is anybody there?")
    return alice.wait_for(lambda e: e["room_id"] == room and "check the address" in str(e["content"].get("body")), 40,
                          "word that nobody is there", start)["content"]["body"]


STORIES = (bridge_members_only, bridge_password, bridge_banned, bridge_full, bridge_no_such_domain,
           bridge_not_a_room_service, bridge_no_address, bridge_unknown_network, speak_members_only, speak_banned,
           bridge_gone, speak_full, speak_moderated, room_destroyed, alias_no_such_room_service, chat_with_nobody)
