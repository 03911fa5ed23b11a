"""Lets a shell line restart a server of a running demo: `control.py PORT TOKEN WHAT`, printed by the demo as
commands.restart_*. The demo answers when the server is up again. Standard library only, no project import."""
import queue
import socket
import sys
import threading


class Control:
    """Takes orders on a loopback port and queues them for the main thread, which alone starts processes."""

    def __init__(self, token):
        self.token, self.orders = token, queue.Queue()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True, name="control").start()

    def _serve(self):
        while True:
            link, _ = self.listener.accept()
            link.settimeout(10)
            try:
                token, what = link.makefile().readline().split()
            except (OSError, ValueError):
                link.close()
                continue
            if token == self.token:
                self.orders.put((what, link))
            else:
                link.close()

    def command(self, what):
        return f"'{sys.executable}' '{__file__}' {self.port} {self.token} {what}"


def answer(link, text):
    try:
        link.sendall((text + "\n").encode())
    except OSError:
        pass
    link.close()


def main(port, token, what):
    with socket.create_connection(("127.0.0.1", int(port))) as link:
        link.sendall(f"{token} {what}\n".encode())
        said = link.makefile().readline().strip()
    print(said or "no answer")
    return 0 if said == "ok" else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
