"""smoke.py BENCH RIALTO: the benchmarks run, lose nothing, and their JSON has the names that others read. No time
is looked at: a loaded machine must not turn this red."""
import json
import pathlib
import subprocess
import sys
import tempfile

NAMES = ("start_ms", "rss_idle_mb", "rss_loaded_mb", "fsync_p99_us") + tuple(
    way + name for way in ("matrix_to_xmpp_", "xmpp_to_matrix_") for name in (
        "cpu_us_per_msg", "cpu_us_per_msg_baseline", "msgs_per_s", "msgs_per_s_baseline", "commits_per_s",
        "one_lane_msgs_per_s"))


def main():
    bench, rialto = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        file = pathlib.Path(place) / "figures.json"
        subprocess.run([bench, "--rialto", rialto, "--smoke", "--json", file], check=True, timeout=60)
        figures = json.loads(file.read_text(encoding="utf-8"))
    wrong = [name for name in NAMES if not figures.get(name, 0) > 0]
    wrong += [name for name, value in figures.items() if not isinstance(value, (int, float))]
    for name in wrong:
        print(f"{name}: {figures.get(name)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
