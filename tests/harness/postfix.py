"""Postfix on loopback: the organisation's mail server, which hands the bridge's mail to it by LMTP, takes what the
bridge sends, and keeps the mailboxes of a domain as Maildirs. Its `master` wants root; nothing in /etc is read. As it
changes who it is, the kernel forgets to end it with us: only stop() and kill() do."""
import grp
import os
import pwd
import re
import secrets
import subprocess

from tests.harness.certificate import self_signed
from tests.harness.process import Failed, Process, listens
from tests.harness.unpacked import Suite

# Debian has them everywhere; Postfix wants a user, and another group, that it shares with no program of ours.
OWNER, DROP = "mail", "news"

MAIN = """
compatibility_level = 3.6
config_directory = {dir}/etc
queue_directory = {dir}/spool
data_directory = {dir}/data
daemon_directory = {dir}/sbin
command_directory = {dir}/sbin
shlib_directory = no
mail_owner = {owner}
setgid_group = {drop}
myhostname = {name}
mydestination =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
maillog_file = {dir}/log/mail.log
maillog_file_prefixes = {dir}
smtp_dns_support_level = disabled
smtp_host_lookup = native
lmtp_host_lookup = native
lmtp_tls_security_level = encrypt
lmtp_tls_loglevel = 1
relay_domains = {bridge} late.test
relay_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {dir}/boxes
virtual_mailbox_maps = inline:{{ {boxes} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
transport_maps = inline:{{ {{ {bridge} = lmtp:inet:127.0.0.1:{lmtp} }}, {{ late.test = lmtp:inet:127.0.0.1:{lmtp} }} }}
default_transport = error:5.1.2 no such domain here
recipient_delimiter = +
smtputf8_enable = yes
message_size_limit = 52428800
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
in_flow_delay = 0
smtpd_client_connection_count_limit = 0
smtpd_recipient_restrictions = permit_mynetworks, reject
import_environment = MAIL_CONFIG SASL_PATH={sasl}
smtpd_sasl_local_domain = {name}
smtpd_tls_cert_file = {dir}/etc/cert.pem
smtpd_tls_key_file = {dir}/etc/key.pem
logged_in = check_client_access
    static:{{PREPEND Authentication-Results: {name}; dmarc=pass header.from={domain}}}
    permit_sasl_authenticated, reject
vouched = check_client_access
    static:{{PREPEND Authentication-Results: {name}; dmarc=pass header.from={domain}}}
    permit_mynetworks, reject
forged = check_client_access
    static:{{PREPEND Authentication-Results: {name}; dmarc=fail header.from={domain}}}
    permit_mynetworks, reject
"""

MASTER = """
127.0.0.1:{plain} inet n - n - - smtpd
127.0.0.1:{vouched} inet n - n - - smtpd -o smtpd_recipient_restrictions=$vouched
127.0.0.1:{forged} inet n - n - - smtpd -o smtpd_recipient_restrictions=$forged
127.0.0.1:{submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=$logged_in
127.0.0.1:{implicit} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=$logged_in
tlsmgr unix - - n 1000? 1 tlsmgr
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

# Cyrus SASL's, for smtpd.
SASL = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {dir}/etc/sasldb2
mech_list: PLAIN LOGIN
"""

# What postfix-script makes: (folder, owner may be Postfix's, mode)
QUEUE = (("pid", False, 0o755), ("active", True, 0o700), ("bounce", True, 0o700), ("corrupt", True, 0o700),
         ("defer", True, 0o700), ("deferred", True, 0o700), ("flush", True, 0o700), ("hold", True, 0o700),
         ("incoming", True, 0o700), ("private", True, 0o700), ("saved", True, 0o700), ("trace", True, 0o700),
         ("maildrop", True, 0o730), ("public", True, 0o710))


def owner_of_mail():
    """(uid, gid) of the mailboxes: who runs us, or ran sudo; for root itself, one whom mail is delivered to."""
    if os.getuid() != 0:
        return os.getuid(), os.getgid()
    owner = os.environ.get("SUDO_UID"), os.environ.get("SUDO_GID")
    if all(owner):
        return int(owner[0]), int(owner[1])
    return pwd.getpwnam(OWNER).pw_uid, grp.getgrnam(OWNER).gr_gid


class Postfix:
    name, domain, bridge = "mx.mail.test", "mail.test", "chat.test"

    def __init__(self, directory, ports, users):
        """`ports`: SMTP that says nothing of authors, that vouches for them, that calls them forged; for who logs in, by
        STARTTLS and by TLS at once; the bridge's own. `users`: who has a mailbox, with their passwords."""
        self.dir, self.users, self.secret = directory, users, secrets.token_hex(16)
        self.account, self.password = "rialto", secrets.token_hex(8)
        self.boxes, self.reader = directory / "boxes", owner_of_mail()
        self.certificate = directory / "etc/cert.pem"
        self.plain_port, self.vouched_port, self.forged_port = ports[:3]
        self.submission_port, self.implicit_port, self.lmtp_port = ports[3:]
        self.suite = Suite("bookworm-mail", "postfix")
        self.log = directory / "log" / "mail.log"
        command = [directory / "sbin" / "master", "-c", directory / "etc", "-d"]
        self.process = Process("postfix", command, directory / "stdout.log", cwd=directory)

    def _folder(self, path, uid, gid, mode):
        path.mkdir(exist_ok=True)
        os.chown(path, uid, gid)
        path.chmod(mode)

    def configure(self):
        if os.getuid() != 0:
            raise Failed("Postfix must be started by root: run the mail tests as root, or leave them out "
                         "(ctest -E system.mail)")
        owner, group, drop = (pwd.getpwnam(OWNER).pw_uid, grp.getgrnam(OWNER).gr_gid, grp.getgrnam(DROP).gr_gid)
        for folder in (self.dir.parent, self.dir):  # its daemons are not root for long
            folder.chmod(0o711)
        for name, own in (("etc", 0), ("sbin", 0), ("log", 0), ("data", owner), ("spool", 0)):
            self._folder(self.dir / name, own, group if own else 0, 0o700 if own else 0o755)
        self._folder(self.boxes, *self.reader, 0o700)
        for name, own, mode in QUEUE:
            self._folder(self.dir / "spool" / name, owner if own else 0,
                         drop if name in ("maildrop", "public") else 0, mode)
        for program in (self.suite.usr / "lib/postfix/sbin").iterdir():
            with open(program, "rb") as file:
                if file.read(4) == b"\x7fELF":
                    self.suite.wrapper(self.dir / "sbin" / program.name, program)
        self._certificate()
        self._account(owner)
        boxes = ", ".join(f"{{ {user}@{self.domain} = {user}/ }}" for user in self.users)
        (self.dir / "etc" / "main.cf").write_text(MAIN.format(
            dir=self.dir, owner=OWNER, drop=DROP, name=self.name, domain=self.domain, bridge=self.bridge, boxes=boxes,
            uid=self.reader[0], gid=self.reader[1], lmtp=self.lmtp_port, sasl=self._sasl()))
        (self.dir / "etc" / "master.cf").write_text(MASTER.format(
            plain=self.plain_port, vouched=self.vouched_port, forged=self.forged_port,
            submission=self.submission_port, implicit=self.implicit_port))
        for name in ("main.cf", "master.cf"):
            (self.dir / "etc" / name).chmod(0o644)

    def _sasl(self):
        return self.suite.libraries / "sasl2"

    def _run(self, argv, said=None, **env):
        done = subprocess.run([str(word) for word in argv], input=said, capture_output=True, text=True, check=False,
                              env={**os.environ, **env})
        if done.returncode != 0:
            raise Failed(f"{argv[0]}: {done.stdout}{done.stderr}")

    def _certificate(self):
        self_signed(self.dir / "etc/key.pem", self.certificate)
        os.chown(self.certificate, *self.reader)

    def _account(self, owner):
        """Who may submit mail: the bridge, and who has a mailbox."""
        base = self.dir / "etc/sasldb2"
        self._folder(self.dir / "etc/sasl", 0, 0, 0o755)  # where Debian's Postfix looks
        settings = self.dir / "etc/sasl/smtpd.conf"
        settings.write_text(SASL.format(dir=self.dir))
        settings.chmod(0o644)
        for realm, user, word in ((self.name, self.account, self.password),
                                  *((self.domain, user, word) for user, word in self.users.items())):
            command = self.suite.command(self.suite.usr / "sbin/saslpasswd2", "-c", "-p", "-f", base, "-u", realm, user)
            self._run(command, word, SASL_PATH=str(self._sasl()))
        os.chown(base, owner, -1)

    def network(self, home, postmaster):
        """The words of `rialto init --network` for a bridge beside it, with a certificate of its own."""
        key, certificate = (self.dir.parent / name for name in ("bridge-key.pem", "bridge-cert.pem"))
        self_signed(key, certificate)
        return (f"mail=email,domain={self.bridge},home={home},listen=127.0.0.1:{self.lmtp_port},"
                f"certificate={certificate},key={key},"
                f"smart_port={self.submission_port},tls=starttls,user={self.account}@{self.name},"
                f"password={self.password},authorities={self.certificate},secret={self.secret},authserv={self.name},"
                f"postmaster={postmaster}")

    def box(self, user):
        """Where a user's mail lies: what no mail program has seen yet, and the rest."""
        return self.boxes / user / "new", self.boxes / user / "cur"

    def start(self):
        if not (self.dir / "etc").exists():
            self.configure()
        self.process.start()
        ports = (self.plain_port, self.vouched_port, self.forged_port, self.submission_port, self.implicit_port)
        self.process.wait_ready(lambda: all(listens(port) for port in ports), 30)

    def taken(self):
        """The Message-IDs of the mails it took in, in that order."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return re.findall(r"postfix/cleanup\[\d+\]: \w+: message-id=(<.*>)", text)

    def waiting(self):
        """How many mails are in its queue."""
        queue = self.dir / "spool"
        return sum(1 for name in ("incoming", "active", "deferred") for path in (queue / name).rglob("*")
                   if path.is_file())

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()
