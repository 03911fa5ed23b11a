"""How far a message of a load run came that is missing at its end: for the human who reads why the ledgers differ."""
import contextlib
import sqlite3

STAGES = ("held", "queued", "sending", "sent", "dead", "withdrawn")  # core/store.hpp
NEVER_PUSHED = ("was never pushed to Rialto: Synapse forgot it (its queue is in memory, element-hq/synapse#11637), and "
                "Rialto did not ask for it")


def journal(database):
    """event id -> what became of it, of all Matrix events that Rialto's journal has."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as link:
        rows = link.execute("select matrix_id, stage, why from item where bound = 0 and matrix_id is not null")
        return {name: STAGES[stage] + (f": {why}" if why else "") for name, stage, why in rows}


def causes(missing, ids, database):
    """A line for each text that a Matrix person said and the far side does not have. `ids`: text -> event id."""
    known, lines = journal(database), []
    for text in missing:
        event = ids.get(text)
        if event is None:
            lines.append(f"    {text!r} was not seen on Matrix either")
        elif event in known:
            lines.append(f"    {text!r} is in Rialto's journal, {known[event]}")
        else:
            lines.append(f"    {text!r} ({event}) {NEVER_PUSHED}")
    return lines
