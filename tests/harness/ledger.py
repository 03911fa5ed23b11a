"""What should have been seen, what was seen, and how they differ. Plain functions: no clock, no network."""
import re
from collections import Counter


def name_of(shown):
    """Who a shown name means: bridges may add where somebody is from ("carol (ejabberd)"), and the harness gives
    each scene people of its own, told apart by a number (carol7)."""
    return re.sub(r"\d+$", "", (shown or "?").split(" (")[0].split("@")[0].strip().lower())


def entry(item):
    who, body = item
    return f"{who}: {body if len(body) <= 80 else body[:77] + '...'}"


def differences(where, expected, seen):
    """Complaints, empty when `seen` holds each expected (who, body) exactly once and in this order."""
    wanted, got = Counter(expected), Counter(seen)
    found = [f"{where}: missing      {entry(item)}" for item in expected if got[item] == 0]
    found += [f"{where}: {got[item]} times      {entry(item)}" for item in wanted if got[item] > wanted[item] > 0]
    found += [f"{where}: unexpected   {entry(item)}" for item in got if item not in wanted]
    if not found and expected != seen:
        at = next(i for i, pair in enumerate(zip(expected, seen)) if pair[0] != pair[1])
        found.append(f"{where}: out of order from message {at + 1} on:")
        found += [f"    expected {entry(a):40} saw {entry(b)}" for a, b in list(zip(expected, seen))[at:at + 6]]
    return found


def order_kept(where, origin, seen):
    """Complaints when what both lists hold is not in the same order: `origin` says which order is the true one."""
    common = set(origin) & set(seen)
    return differences(where, [item for item in origin if item in common], [item for item in seen if item in common])
