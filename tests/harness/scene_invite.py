"""Steps of a scene that are about invitations, both ways: asked, told, taken, declined."""
from tests.harness.process import Failed
from tests.harness.stanza_xml import tag, text_of


class Invitations:
    """Part of scene_run.Run: `actors`, `cast`, `patience` and `password` are its."""

    def _address_over_there(self, actor, whom):
        one, other = self.actors[actor], self.actors[whom]
        return self.cast.puppet(other) if one.side == "xmpp" else self.cast.ghost(other)

    def invite(self, actor, whom, why):
        person, address = self.actors[actor], self._address_over_there(actor, whom)
        if person.side == "xmpp":
            person.client.invite(self.cast.muc, address, why)
        else:
            person.client.member("invite", self.cast.room, address, why)

    def invite_directly(self, actor, whom, why):
        address = self._address_over_there(actor, whom)
        self.actors[actor].client.invite_directly(self.cast.muc, address, why, self.password)

    def invited(self, actor, by, why):
        """On Matrix by the inviter's ghost, or by the bot, which then says for whom."""
        person, other = self.actors[actor], self.actors[by]
        if person.side == "xmpp":
            puppet = self.cast.puppet(other)
            person.client.wait_for(
                lambda s: (s.get("from") or "").split("/")[0] == puppet and any(
                    x.get("jid") == self.cast.muc and x.get("reason") == why
                    for x in s.iter(tag("conference", "x"))), self.patience, f"an invitation by {by}")
            return
        ghost, bot = self.cast.ghost(other), self.cast.stage.rialto.bot
        room = person.client.wait_invite(lambda inviter: inviter in (ghost, bot), self.patience)
        reason = person.client.reasons[room]
        wanted = [why] if person.client.invites[room] == ghost else [why, by]
        if not all(part in reason for part in wanted):
            raise Failed(f"{actor} was invited by {person.client.invites[room]} because {reason!r}")
        person.asked_into = room

    def accept(self, actor):
        person = self.actors[actor]
        if person.side == "xmpp":
            self.join(actor)
            return
        since = len(person.client.events)
        self.cast.room = person.client.join(person.asked_into)
        person.enter(self.cast.room, since)

    def decline(self, actor, why):
        person = self.actors[actor]
        person.client.leave(person.asked_into, why)
        person.client.invites.pop(person.asked_into, None)  # her /sync may take longer than the next invitation

    def declined(self, actor, by, why):
        self._turned_down(actor, self.actors[by], why)

    def declined_by_bridge(self, actor, why):
        self._turned_down(actor, None, why)

    def _turned_down(self, actor, by, why):
        """By the room's hand, or in plain words by the one who was asked."""
        def fits(stanza):
            told = [(decline.get("from"), text_of(decline, "user", "reason")) for decline in
                    stanza.iter(tag("user", "decline"))]
            if "was turned down: " in (text_of(stanza, "client", "body") or ""):
                told.append((stanza.get("from"), text_of(stanza, "client", "body")))
            return any(why in (words or "") and (by is None or who.split("/")[0] == self.cast.puppet(by))
                       for who, words in told)
        self.actors[actor].client.wait_for(fits, self.patience, f"a refusal because {why!r}")
