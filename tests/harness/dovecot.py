"""Dovecot on loopback: shows the Maildirs that Postfix fills to mail programs, by IMAP, without TLS. Needs no root: it
runs as the owner of the Maildirs, and so do its helpers."""
import grp
import os
import pathlib
import pwd
import secrets

from tests.harness.process import Process, listens
from tests.harness.unpacked import Suite

CONFIG = """
base_dir = {dir}/run
state_dir = {dir}/run
libexec_dir = {dir}/libexec
log_path = {dir}/dovecot.log
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
protocols = imap
listen = 127.0.0.1
disable_plaintext_auth = no
auth_mechanisms = plain login
ssl = no
mail_location = maildir:{boxes}/%n:INDEX={dir}/index/%n
mail_fsync = never
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {dir}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/index/%n
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


MODULES = b"/usr/lib/dovecot/modules"


class Dovecot:
    name = "dovecot"

    def __init__(self, directory, port, mail, passwords):
        """`mail`: the Postfix whose mailboxes are shown; `passwords`: by address."""
        self.dir, self.port, self.mail, self.passwords = directory, port, mail, passwords
        self.suite = Suite("bookworm-imap", "dovecot", "dovecot/modules/old-stats")
        self.uid, self.gid = mail.reader
        # It loads modules from a folder whose name is in its library, where nothing is installed: its copy of that
        # library has the name of a link instead, as long as the other.
        self.modules = pathlib.Path("/tmp/rialto-" + secrets.token_hex(6))
        self.suite.more_libraries.insert(0, directory / "lib")
        # What dovecot would do itself, by a path of the machine's: it has its settings from doveconf, as environment
        # with names that no shell lets through.
        config, usr = directory / "dovecot.conf", self.suite.usr
        command = self.suite.command(usr / "bin/doveconf", "-f", "service=master", "-c", config, "-m", "master", "-x",
                                     "-e", *self.suite.command(usr / "sbin/dovecot", "-F", "-c", config))
        if os.getuid() != self.uid:
            command = ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", *command]
        self.process = Process(self.name, command, directory / "stdout.log", cwd=directory)

    def configure(self):
        self.dir.chmod(0o711)
        for folder in ("run", "index", "libexec", "lib"):
            (self.dir / folder).mkdir(exist_ok=True)
            (self.dir / folder).chmod(0o755)
        for program in (self.suite.usr / "lib/dovecot").iterdir():
            if program.is_file() and ".so" not in program.name:
                self.suite.wrapper(self.dir / "libexec" / program.name, program)
        library = (self.suite.usr / "lib/dovecot/libdovecot.so.0").read_bytes()
        (self.dir / "lib/libdovecot.so.0").write_bytes(library.replace(MODULES, bytes(self.modules)))
        self._write("users", "".join(f"{who}:{{PLAIN}}{word}\n" for who, word in self.passwords.items()))
        self._write("dovecot.conf", CONFIG.format(
            dir=self.dir, boxes=self.mail.boxes, port=self.port, uid=self.uid, gid=self.gid,
            user=pwd.getpwuid(self.uid).pw_name, group=grp.getgrgid(self.gid).gr_name))
        for folder in (self.dir, *self.dir.rglob("*")):
            os.chown(folder, self.uid, self.gid)

    def _write(self, name, text):
        (self.dir / name).write_text(text)
        (self.dir / name).chmod(0o600)

    def start(self):
        if not (self.dir / "users").exists():
            self.configure()
        self.modules.symlink_to(self.suite.usr / "lib/dovecot/modules")
        self.process.start()
        self.process.wait_ready(lambda: listens(self.port), 30)

    def stop(self):
        self.process.stop()
        self.modules.unlink(missing_ok=True)

    def kill(self):
        self.process.kill()
        self.modules.unlink(missing_ok=True)
