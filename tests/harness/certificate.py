"""A certificate of localhost's that vouches for itself, for who is told to believe it."""
import subprocess

from tests.harness.process import Failed


def self_signed(key, certificate):
    done = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
                           "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key,
                           "-out", certificate], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"openssl: {done.stderr}")
