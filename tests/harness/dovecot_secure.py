"""Dovecot as a provider of mailboxes has it: TLS, at once and by STARTTLS, and logins by password or by an OAuth 2
bearer token, about which it asks a server of ours (RFC 7662 in Dovecot's older form, "tokeninfo")."""
import http.server
import json
import os
import secrets
import shutil
import threading
import urllib.parse

from tests.harness.certificate import self_signed
from tests.harness.dovecot import Dovecot
from tests.harness.process import listens

MORE = """
ssl = yes
ssl_cert = <{dir}/cert.pem
ssl_key = <{dir}/key.pem
auth_mechanisms = plain login oauthbearer xoauth2
auth_failure_delay = 0
passdb {{
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = {dir}/oauth2.conf
}}
namespace inbox {{
  mailbox "Sent Items" {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  inet_listener imaps {{
    port = {secure_port}
    ssl = yes
  }}
}}
"""


class TokenServer:
    """Says whose a token is."""

    def __init__(self):
        self.owners, self.asked = {}, 0
        outer = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked += 1
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                owner = outer.owners.get(query.get("access_token", [""])[0])
                body = json.dumps({"email": owner} if owner else {"error": "invalid_token"}).encode()
                self.send_response(200 if owner else 401)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token_for(self, address):
        """A new one; older ones are worth nothing any more."""
        token = secrets.token_urlsafe(24)
        self.owners = {token: address}
        return token

    def close(self):
        self.server.shutdown()


class SecureDovecot(Dovecot):
    sent = '"Sent Items"'  # the folder that it says is for sent mails

    def __init__(self, directory, ports, mail, passwords):
        super().__init__(directory, ports[0], mail, passwords)
        self.secure_port, self.tokens = ports[1], TokenServer()
        self.certificate, self.log = directory / "cert.pem", directory / "dovecot.log"
        self.authorities = directory / "authorities.pem"  # of both mail servers

    def configure(self):
        super().configure()
        self_signed(self.dir / "key.pem", self.certificate)
        self.authorities.write_bytes(self.certificate.read_bytes() + self.mail.certificate.read_bytes())
        self._write("oauth2.conf", f"tokeninfo_url = http://127.0.0.1:{self.tokens.port}/tokeninfo?access_token=\n"
                                   "username_attribute = email\n")
        config = (self.dir / "dovecot.conf").read_text()
        self._write("dovecot.conf", config.replace("ssl = no\n", "") +
                    MORE.format(dir=self.dir, secure_port=self.secure_port))
        for name in ("key.pem", "cert.pem", "authorities.pem", "oauth2.conf", "dovecot.conf"):
            os.chown(self.dir / name, self.uid, self.gid)

    def start(self):
        super().start()
        self.process.wait_ready(lambda: listens(self.secure_port), 30)

    def number_anew(self, user):
        """Its UIDs are no longer what they were, as after a mailbox was moved. It must be stopped."""
        box = self.mail.boxes / user
        for path in [*box.glob("dovecot-uid*"), *box.glob("dovecot.index*"), *box.glob(".*/dovecot-uid*")]:
            path.unlink()
        shutil.rmtree(self.dir / "index" / user, ignore_errors=True)

    def close(self):
        self.stop()
        self.tokens.close()
