"""A process that ticks like a worker of the server. Its only channel appends the deliveries to a file."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

import time_machine

from planner import scheduler
from planner.notifications.channels import CHANNELS
from planner.notifications.outgoing import Message
from planner.notifications.web_push import WebPush
from planner.storage import db
from tests.campaigns import deliveries as deliveries_campaign
from tests.channels import Calling


class Pushing(WebPush):
    """The real channel to devices, which then calls a function with the delivery."""

    def __init__(self, function: Callable[[UUID, UUID, str], None]) -> None:
        super().__init__()
        self.function = function

    def send(self, message: Message, now: datetime) -> None:
        """Send to the device, and call the function."""
        super().send(message, now)
        self.function(message.delivery, message.person, message.text)


def work(pipe: Connection, url: str, file: Path, now: datetime, die_at: int, push_host: str) -> None:
    """Say when ready, wait for the start, and tick once. Kill this process inside that call of the channel.

    With `push_host`, the channel first sends to the devices at that push service.
    """
    db.open_database(url)
    delivered = 0
    with file.open("a") as out:

        def append(delivery: UUID, person: UUID, text: str) -> None:
            nonlocal delivered
            delivered += 1
            time.sleep(0.002)  # leave other processes some time to claim
            out.write(f"{delivery}\n")
            out.flush()
            if delivered == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

        CHANNELS.clear()
        CHANNELS["push" if push_host else "test"] = Pushing(append) if push_host else Calling(append)
        if push_host:
            deliveries_campaign.use(push_host)
        pipe.send("ready")
        pipe.recv()
        # A tick measures its own duration with the clock of the machine, so that clock must be at this moment, too.
        with time_machine.travel(now, tick=False):
            scheduler.tick(now)
