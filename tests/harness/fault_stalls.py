"""Stories of somebody who neither works nor ends: alive, silent, its sockets open."""
import time

from tests.harness.fault_links import Traffic


def server_stalls_and_we_die(ground):
    """What was written to a server that does not read may yet be delivered when it goes on, after we have died."""
    cast = ground.cast("server_stalls")
    ground.crosses(cast, "before")

    def fault():
        ground.server.process.stall()
        time.sleep(2)  # alice goes on talking
        ground.rialto.kill()
        ground.rialto.process.start()
        time.sleep(1)
        ground.server.process.go_on()
        ground.rialto.process.wait_ready(ground.rialto.ready, 90)
    return Traffic(ground, cast).during(fault).verify()


def homeserver_stalls_and_we_die(ground):
    cast = ground.cast("homeserver_stalls")
    ground.crosses(cast, "before")

    def fault():
        ground.synapse.process.stall()
        time.sleep(2)  # dan goes on talking
        ground.rialto.kill()
        ground.rialto.process.start()
        time.sleep(1)
        ground.synapse.process.go_on()
        ground.rialto.process.wait_ready(ground.rialto.ready, 90)
    return Traffic(ground, cast).during(fault).verify()


def we_stall_and_are_killed(ground):
    """The one that was stopped holds the database, the ports and the component's name until it is killed."""
    def fault():
        old = ground.rialto.process
        old.stall()
        fresh = ground.rialto.successor(2)
        time.sleep(1)
        old.kill()
        ground.rialto.replace(fresh)
    return Traffic(ground, ground.cast("we_stall")).during(fault).verify()


def we_stall_and_go_on(ground):
    """Nobody took over meanwhile, though one waits."""
    def fault():
        old = ground.rialto.process
        old.stall()
        fresh = ground.rialto.successor(3)
        time.sleep(1)
        old.go_on()
        time.sleep(0.5)
        old.stop()
        ground.rialto.replace(fresh)
    return Traffic(ground, ground.cast("we_go_on")).during(fault).verify()


STORIES = (server_stalls_and_we_die, homeserver_stalls_and_we_die, we_stall_and_are_killed, we_stall_and_go_on)
