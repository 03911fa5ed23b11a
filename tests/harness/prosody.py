"""Prosody on loopback: a host, rooms with an archive, uploads, and one component for the bridge."""
import os

from tests.harness.process import Process, listens
from tests.harness.unpacked import Suite

CONFIGURATION = """
pidfile = "{dir}/prosody.pid"
daemonize = false
run_as_root = {root}
data_path = "{dir}/data"
log = {{ info = "{dir}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s} }}
s2s_ports = {{ }}
component_ports = {{ {component_port} }}
component_interfaces = {{ "127.0.0.1" }}
http_ports = {{ {http} }}
http_interfaces = {{ "127.0.0.1" }}
https_ports = {{ }}
http_external_url = "http://127.0.0.1:{http}/"
http_default_host = "upload.{domain}"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = "internal"
modules_enabled = {{ "roster", "saslauth", "disco", "ping", "pep", "carbons", "mam", "vcard4", "vcard_legacy", "http" }}
modules_disabled = {{ "s2s", "tls", "limits" }}

VirtualHost "{domain}"

Component "{muc}" "muc"
    modules_enabled = {{ "muc_mam", "vcard_muc" }}
    restrict_room_creation = false
    muc_room_default_persistent = true
    muc_room_locking = false
    muc_log_by_default = true
    muc_log_expires_after = "never"

Component "upload.{domain}" "http_file_share"
    http_file_share_access = {{ "{component}", "{domain}" }}

Component "{component}"
    component_secret = "{secret}"
    component_conflict_resolve = "kick_old"

Component "{stranger}"
    component_secret = "{secret}"
    component_conflict_resolve = "kick_old"
"""


def _encoded(host):
    """How Prosody names a host's folder."""
    return "".join(c if c.isalnum() else f"%{ord(c):02x}" for c in host)


class Prosody:
    name = network = "prosody"
    domain = "prosody.test"

    def __init__(self, directory, ports, secret):
        self.dir, self.secret = directory, secret
        self.c2s_port, self.component_port, self.http_port = ports
        self.muc, self.component = "conference." + self.domain, "matrix." + self.domain
        self.upload, self.stranger = "upload." + self.domain, "stranger." + self.domain
        suite = Suite("bookworm")
        lua, lib = suite.usr / "share/lua/5.4", suite.libraries / "lua/5.4"
        # The packaged script names absolute paths; ours are elsewhere.
        packaged = (suite.usr / "bin/prosody").read_text()
        home = str(suite.usr / "lib/prosody")
        self.script = packaged.replace("'/usr/lib/prosody", f"'{home}").replace("'/etc/prosody", f"'{directory}")
        env = {"LUA_PATH": f"{lua}/?.lua;{lua}/?/init.lua;;", "LUA_CPATH": f"{lib}/?.so;;"}
        command = suite.command(suite.usr / "bin/lua5.4", directory / "prosody", "-F", "--config",
                                directory / "prosody.cfg.lua")
        self.process = Process(self.name, command, directory / "stdout.log", env, directory)

    def configure(self):
        (self.dir / "data").mkdir(parents=True, exist_ok=True)
        (self.dir / "prosody").write_text(self.script)
        (self.dir / "prosody.cfg.lua").write_text(CONFIGURATION.format(
            dir=self.dir, root="true" if os.getuid() == 0 else "false", c2s=self.c2s_port, http=self.http_port,
            component_port=self.component_port, domain=self.domain, muc=self.muc, component=self.component,
            stranger=self.stranger, secret=self.secret))

    def register(self, user, password):
        accounts = self.dir / "data" / _encoded(self.domain) / "accounts"
        accounts.mkdir(parents=True, exist_ok=True)
        (accounts / f"{user}.dat").write_text(f'return {{ ["password"] = "{password}"; }};\n')

    def start(self):
        self.configure()
        self.process.start()
        self.process.wait_ready(lambda: listens(self.c2s_port) and listens(self.component_port), 120)

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()
