"""ejabberd on loopback, without epmd or distribution: archive in SQLite, one listener for the bridge's component."""
import json
import urllib.request

from tests.harness.process import Process, listens
from tests.harness.unpacked import Suite

HELPERS = ("beam.smp", "erl_child_setup", "inet_gethost", "epmd", "erlexec")


class Ejabberd:
    name = network = "ejabberd"
    domain = "ejabberd.test"

    def __init__(self, directory, ports, secret):
        self.dir, self.secret = directory, secret
        self.c2s_port, self.component_port, self.http_port = ports
        self.muc, self.component = "conference." + self.domain, "matrix." + self.domain
        self.upload, self.stranger = "upload." + self.domain, "stranger." + self.domain
        self.suite = Suite("bookworm")
        self.erlang = self.suite.usr / "lib/erlang"
        env = {
            "ROOTDIR": str(self.erlang), "BINDIR": str(directory / "bin"), "EMU": "beam", "PROGNAME": "erl",
            "ERL_LIBS": str(self.suite.libraries), "HOME": str(directory), "ERL_CRASH_DUMP_SECONDS": "0",
            "EJABBERD_CONFIG_PATH": str(directory / "ejabberd.yml"),
            "EJABBERD_LOG_PATH": str(directory / "ejabberd.log"), "EJABBERD_PID_PATH": str(directory / "pid"),
        }
        command = [directory / "bin/erlexec", "-noshell", "-noinput", "+K", "true", "-boot",
                   self.erlang / "bin/start", "-mnesia", "dir", f'"{directory}/spool"', "-s", "ejabberd"]
        self.process = Process(self.name, command, directory / "stdout.log", env, directory)

    def listeners(self):
        def listener(port, module, **more):
            return {"port": port, "ip": "127.0.0.1", "module": module, **more}
        return [
            listener(self.c2s_port, "ejabberd_c2s", access="all", shaper="none", max_stanza_size=1048576,
                     starttls=False),
            # One listener and no global routes: each stanza for the bridge comes to the bridge, whole and once.
            listener(self.component_port, "ejabberd_service", access="all", shaper="none", global_routes=False,
                     hosts={host: {"password": self.secret} for host in (self.component, self.stranger)}),
            listener(self.http_port, "ejabberd_http",
                     request_handlers={"/api": "mod_http_api", "/upload": "mod_http_upload"}),
        ]

    def modules(self):
        return {
            "mod_admin_extra": {}, "mod_caps": {}, "mod_disco": {}, "mod_carboncopy": {}, "mod_roster": {},
            "mod_ping": {}, "mod_vcard": {"search": False}, "mod_vcard_xupdate": {}, "mod_muc_admin": {},
            "mod_pubsub": {"plugins": ["flat", "pep"]},
            # In mnesia, its default, the archive loses rows when the server crashes.
            "mod_mam": {"default": "always", "request_activates_archiving": False, "db_type": "sql"},
            "mod_muc": {
                "host": self.muc, "access": "all", "access_create": "bridge_or_local",
                "access_persistent": "bridge_or_local", "access_admin": [{"allow": "admin"}],
                "access_mam": [{"allow": "all"}], "max_users": 2000, "max_user_conferences": 1000,
                "default_room_options": {"max_users": 2000, "mam": True, "anonymous": False, "persistent": True}},
            "mod_http_upload": {
                "host": self.upload, "access": "bridge_or_local", "docroot": str(self.dir / "upload"),
                "put_url": f"http://127.0.0.1:{self.http_port}/upload",
                "get_url": f"http://127.0.0.1:{self.http_port}/upload"},
        }

    def configuration(self):
        return {
            "hosts": [self.domain], "loglevel": "info", "log_rotate_count": 0, "auth_method": "internal",
            "sql_type": "sqlite", "sql_database": str(self.dir / "archive.db"), "listen": self.listeners(),
            "acl": {"local": {"user_regexp": ""}, "loopback": {"ip": ["127.0.0.0/8"]},
                    "admin": {"user": ["admin@" + self.domain]}, "bridge": {"server": self.component}},
            "access_rules": {"bridge_or_local": [{"allow": "local"}, {"allow": "bridge"}]},
            "api_permissions": {"loopback": {"from": ["mod_http_api"], "what": ["*"],
                                             "who": [{"access": [{"allow": [{"acl": "loopback"}]}]}]}},
            "modules": self.modules(),
        }

    def configure(self):
        for folder in ("bin", "spool", "upload"):
            (self.dir / folder).mkdir(parents=True, exist_ok=True)
        erts = next(self.erlang.glob("erts-*/bin"))
        for helper in HELPERS:
            self.suite.wrapper(self.dir / "bin" / helper, erts / helper)
        (self.dir / "ejabberd.yml").write_text(json.dumps(self.configuration(), indent=1))

    def api(self, command, **arguments):
        request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}/api/{command}",
                                         json.dumps(arguments).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def register(self, user, password):
        self.api("register", user=user, host=self.domain, password=password)

    def start(self):
        self.configure()
        self.process.start()
        self.process.wait_ready(lambda: listens(self.c2s_port) and listens(self.component_port)
                                and listens(self.http_port), 180)

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()
