"""A thin Matrix client: requests, and a thread that syncs into a list that can be waited on."""
import http.client
import json
import threading
import time
import urllib.parse
import urllib.request

from tests.harness.files import get
from tests.harness.process import Failed


class MatrixError(Failed):
    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


def quoted(part):
    return urllib.parse.quote(part, safe="")


class MatrixClient:
    def __init__(self, url, name, password):
        self.url, self.name, self.password = url, name, password
        self.address = urllib.parse.urlsplit(url)
        self.mxid = self.token = None
        self.local = threading.local()  # one connection a thread
        self.changed = threading.Condition()
        self.events, self.hints, self.invites = [], [], {}  # timeline and membership; ephemeral; room -> inviter
        self.reasons = {}  # room -> why one was invited
        self.since, self.stopping, self.thread = None, False, None
        self.transactions = 0
        self.session = f"{time.time_ns():x}"

    # -- requests

    def _once(self, method, path, body, timeout):
        connection = getattr(self.local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self.address.hostname, self.address.port)
            self.local.connection = connection
        connection.timeout = timeout
        if connection.sock:
            connection.sock.settimeout(timeout)
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError):
            connection.close()
            self.local.connection = None
            raise

    def call(self, method, path, body=None, timeout=60, patience=60):
        """One request under /_matrix/client/v3; a homeserver that is away or overloaded is asked again."""
        deadline = time.monotonic() + patience
        while True:
            try:
                status, answer = self._once(method, "/_matrix/client/v3" + path, body, timeout)
                if status < 400:
                    return answer
                if status not in (429, 502, 503, 504) or time.monotonic() > deadline:
                    raise MatrixError(status, answer)
            except (OSError, http.client.HTTPException, ValueError) as error:
                if time.monotonic() > deadline or self.stopping:
                    raise Failed(f"{method} {path}: {error!r}") from error
            time.sleep(0.2)

    def enter(self):
        """Registers, or logs in when that name is taken."""
        try:
            answer = self.call("POST", "/register", {"username": self.name, "password": self.password,
                                                     "auth": {"type": "m.login.dummy"}})
        except MatrixError as error:
            if error.body.get("errcode") != "M_USER_IN_USE":
                raise
            answer = self.call("POST", "/login", {
                "type": "m.login.password", "password": self.password,
                "identifier": {"type": "m.id.user", "user": self.name}})
        self.mxid, self.token = answer["user_id"], answer["access_token"]
        return self

    def _transaction(self):
        self.transactions += 1
        return f"{self.session}.{self.transactions}"

    def put_event(self, room, kind, content):
        path = f"/rooms/{quoted(room)}/send/{quoted(kind)}/{self._transaction()}"
        return self.call("PUT", path, content)["event_id"]

    def send(self, room, body, msgtype="m.text", **more):
        return self.put_event(room, "m.room.message", {"msgtype": msgtype, "body": body, **more})

    def send_html(self, room, body, html):
        return self.send(room, body, format="org.matrix.custom.html", formatted_body=html)

    def reply(self, room, event_id, body):
        return self.send(room, body, **{"m.relates_to": {"m.in_reply_to": {"event_id": event_id}}})

    def edit(self, room, event_id, body):
        return self.send(room, "* " + body, **{
            "m.new_content": {"msgtype": "m.text", "body": body},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event_id}})

    def react(self, room, event_id, key):
        return self.put_event(room, "m.reaction", {
            "m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": key}})

    def redact(self, room, event_id, reason=None):
        path = f"/rooms/{quoted(room)}/redact/{quoted(event_id)}/{self._transaction()}"
        return self.call("PUT", path, {"reason": reason} if reason else {})["event_id"]

    def upload(self, name, mime, data):
        """The mxc address."""
        url = f"{self.url}/_matrix/media/v3/upload?filename={quoted(name)}"
        request = urllib.request.Request(url, data, {"Content-Type": mime, "Authorization": "Bearer " + self.token})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["content_uri"]

    def download(self, mxc):
        path = "/".join(quoted(part) for part in mxc.removeprefix("mxc://").split("/"))
        return get(f"{self.url}/_matrix/client/v1/media/download/{path}", {"Authorization": "Bearer " + self.token})

    def send_file(self, room, name, mime, msgtype, data, caption=None, **more):
        content = {"url": self.upload(name, mime, data), "info": {"mimetype": mime, "size": len(data)}, **more}
        if caption is not None:
            content["filename"] = name
        return self.send(room, name if caption is None else caption, msgtype, **content)

    def type(self, room, active=True):
        self.call("PUT", f"/rooms/{quoted(room)}/typing/{quoted(self.mxid)}",
                  {"typing": active, **({"timeout": 20000} if active else {})})

    def read(self, room, event_id):
        self.call("POST", f"/rooms/{quoted(room)}/receipt/m.read/{quoted(event_id)}", {})

    def create_shared_room(self, name, bot, mighty=True, **more):
        """A room whose owner lets the bridge moderate (when `mighty`)."""
        power = {"users": {self.mxid: 100, **({bot: 100} if mighty else {})}}
        return self.create_room(name=name, preset="public_chat", invite=[bot], power_level_content_override=power,
                                **more)

    def upgrade(self, room, name, bot):
        """What a client does (CS-API, room upgrades): a successor, then the tombstone."""
        successor = self.create_shared_room(name, bot, creation_content={"predecessor": {"room_id": room}})
        self.set_state(room, "m.room.tombstone", {"body": "moved", "replacement_room": successor})
        return successor

    def create_room(self, **options):
        return self.call("POST", "/createRoom", options)["room_id"]

    def create_dm(self, mxid):
        return self.create_room(preset="trusted_private_chat", is_direct=True, invite=[mxid])

    def join(self, room_or_alias):
        return self.call("POST", f"/join/{quoted(room_or_alias)}", {}, timeout=90)["room_id"]

    def leave(self, room, reason=None):
        self.call("POST", f"/rooms/{quoted(room)}/leave", {"reason": reason} if reason else {})

    def invite(self, room, mxid):
        self.call("POST", f"/rooms/{quoted(room)}/invite", {"user_id": mxid})

    def member(self, action, room, mxid, reason=None):
        """kick, ban, unban or invite."""
        body = {"user_id": mxid, **({"reason": reason} if reason else {})}
        self.call("POST", f"/rooms/{quoted(room)}/{action}", body)

    def set_name(self, shown):
        self.call("PUT", f"/profile/{quoted(self.mxid)}/displayname", {"displayname": shown})

    def state(self, room, kind, key=""):
        return self.call("GET", f"/rooms/{quoted(room)}/state/{quoted(kind)}/{quoted(key)}")

    def set_state(self, room, kind, content, key=""):
        return self.call("PUT", f"/rooms/{quoted(room)}/state/{quoted(kind)}/{quoted(key)}", content)

    def members(self, room):
        """mxid -> displayname of those who are joined."""
        joined = self.call("GET", f"/rooms/{quoted(room)}/joined_members")["joined"]
        return {mxid: profile.get("display_name") for mxid, profile in joined.items()}

    # -- sync

    def follow(self):
        """Starts the thread that syncs; what is older than now is not reported."""
        first = self.call("GET", "/sync?timeout=0")
        self._take(first)
        with self.changed:
            self.events.clear()
            self.hints.clear()
        self.thread = threading.Thread(target=self._follow, daemon=True, name=f"sync {self.name}")
        self.thread.start()
        return self

    def _follow(self):
        while not self.stopping:
            try:
                self._take(self.call("GET", f"/sync?timeout=10000&since={quoted(self.since)}", timeout=40))
            except Failed:
                time.sleep(0.2)

    def _take(self, answer):
        with self.changed:
            self.since = answer["next_batch"]
            rooms = answer.get("rooms", {})
            for room, invited in rooms.get("invite", {}).items():
                for event in invited.get("invite_state", {}).get("events", []):
                    if event["type"] == "m.room.member" and event.get("state_key") == self.mxid:
                        self.invites[room] = event["sender"]
                        self.reasons[room] = event.get("content", {}).get("reason", "")
            for room, part in [*rooms.get("join", {}).items(), *rooms.get("leave", {}).items()]:
                self.invites.pop(room, None)
                if part.get("timeline", {}).get("limited") and self.events:
                    self._page(room, part["timeline"])
                for event in part.get("timeline", {}).get("events", []):
                    self.events.append({**event, "room_id": room})
                for event in part.get("ephemeral", {}).get("events", []):
                    self.hints.append({**event, "room_id": room})
            self.changed.notify_all()

    def _page(self, room, timeline):
        """A burst of more than one sync holds: fetch what lies between, so that nothing seems lost."""
        known = {event["event_id"] for event in self.events if event["room_id"] == room}
        gap, token = [], timeline["prev_batch"]
        while token:
            page = self.call("GET", f"/rooms/{quoted(room)}/messages?dir=b&limit=100&from={quoted(token)}")
            fresh = [event for event in page["chunk"] if event["event_id"] not in known]
            gap += fresh
            token = page.get("end") if len(fresh) == len(page["chunk"]) and page["chunk"] else None
        if not known:
            gap = []  # a room new to us: its past is not news
        self.events += [{**event, "room_id": room} for event in reversed(gap)]

    def wait_for(self, predicate, seconds=20, what="an event", start=0, of=None):
        """The first event at or after index `start` that fits."""
        pool = self.events if of is None else of
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                for event in pool[start:]:
                    if predicate(event):
                        return event
                left = deadline - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    raise Failed(f"{self.name} (Matrix) did not see {what} within {seconds} s; saw: {self.recent()}")

    def wait_invite(self, fits, seconds=20):
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                for room, inviter in self.invites.items():
                    if fits(inviter):
                        return room
                left = deadline - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    raise Failed(f"{self.name} got no such invite within {seconds} s; has {self.invites}")

    def recent(self, count=8):
        return [(event["sender"], event["type"], event.get("content", {}).get("body"))
                for event in self.events[-count:]]

    def close(self):
        self.stopping = True
