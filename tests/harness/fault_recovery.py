"""Stories in which Synapse forgets what it had to push: only asking it can bring that back.

Its queue for a bridge is in memory (element-hq/synapse#11637): a kill empties it. And a transaction that it writes down
while it takes a bridge for down is not pushed when that bridge comes back in the same moment, but after the next
failure."""
import time

from tests.harness.fault_links import Traffic


def rialto_killed(ground):
    def fault():
        ground.rialto.kill()
        time.sleep(0.5)
        ground.rialto.start(60)
    return Traffic(ground, ground.cast("rialto_killed")).during(fault).verify()


def homeserver_killed(ground):
    def fault():
        ground.synapse.kill()
        time.sleep(0.5)
        ground.synapse.start()
    return Traffic(ground, ground.cast("synapse_killed")).during(fault).verify()


STORIES = (rialto_killed, homeserver_killed)
