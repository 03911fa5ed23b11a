"""Synapse on loopback, SQLite, no federation, no rate limits."""
import base64
import json
import os
import urllib.request

from tests.harness.process import Process
from tests.harness.unpacked import Suite

UNLIMITED = {"per_second": 1000000, "burst_count": 1000000}
LIMITS = {
    "rc_message": UNLIMITED, "rc_registration": UNLIMITED, "rc_admin_redaction": UNLIMITED,
    "rc_joins_per_room": UNLIMITED, "rc_room_creation": UNLIMITED, "rc_media_create": UNLIMITED,
    "rc_login": {"address": UNLIMITED, "account": UNLIMITED, "failed_attempts": UNLIMITED},
    "rc_joins": {"local": UNLIMITED, "remote": UNLIMITED},
    "rc_invites": {"per_room": UNLIMITED, "per_user": UNLIMITED, "per_issuer": UNLIMITED},
    "rc_presence": {"per_user": UNLIMITED},
}


class Synapse:
    name = "synapse"

    def __init__(self, directory, port, server_name):
        self.dir, self.port, self.server_name = directory, port, server_name
        self.url = f"http://127.0.0.1:{port}"
        self.registrations = []
        suite = Suite("sid")
        env = {"PYTHONHOME": str(suite.usr), "PYTHONPATH": str(suite.usr / "lib/python3/dist-packages"),
               "PYTHONNOUSERSITE": "1"}
        command = suite.command(suite.usr / "bin/python3", "-m", "synapse.app.homeserver", "-c",
                                directory / "homeserver.yaml")
        self.process = Process(self.name, command, directory / "stdout.log", env, directory)

    def configuration(self):
        return {
            "server_name": self.server_name, "public_baseurl": self.url + "/", "pid_file": str(self.dir / "pid"),
            "listeners": [{"port": self.port, "type": "http", "bind_addresses": ["127.0.0.1"], "x_forwarded": False,
                           "resources": [{"names": ["client"], "compress": False}]}],
            "database": {"name": "sqlite3", "args": {"database": str(self.dir / "homeserver.db")}},
            "log_config": str(self.dir / "log.yaml"), "media_store_path": str(self.dir / "media"),
            "signing_key_path": str(self.dir / "signing.key"), "max_upload_size": "100M",
            "trusted_key_servers": [], "suppress_key_server_warning": True, "report_stats": False,
            "macaroon_secret_key": "loopback only", "form_secret": "loopback only",
            "registration_shared_secret": "loopback only", "enable_registration": True,
            "enable_registration_without_verification": True, "bcrypt_rounds": 4,
            "federation_domain_whitelist": [], "url_preview_enabled": False, "enable_authenticated_media": True,
            "app_service_config_files": [str(path) for path in self.registrations], **LIMITS,
        }

    def configure(self):
        (self.dir / "media").mkdir(parents=True, exist_ok=True)
        key = self.dir / "signing.key"
        if not key.exists():
            key.write_text("ed25519 a_1 " + base64.b64encode(os.urandom(32)).decode().rstrip("=") + "\n")
        # JSON is YAML, and needs no library.
        (self.dir / "homeserver.yaml").write_text(json.dumps(self.configuration(), indent=1))
        (self.dir / "log.yaml").write_text(json.dumps({
            "version": 1, "disable_existing_loggers": False,
            "formatters": {"f": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
            "handlers": {"h": {"class": "logging.FileHandler", "filename": str(self.dir / "homeserver.log"),
                               "formatter": "f"}},
            "root": {"level": "WARNING", "handlers": ["h"]}}))

    def answers(self):
        try:
            with urllib.request.urlopen(self.url + "/_matrix/client/versions", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def start(self):
        self.configure()
        self.process.start()
        self.process.wait_ready(self.answers, 180)

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()
