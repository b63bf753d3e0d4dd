"""A cable between a kiosk and a device, or a page and its servers: a TCP proxy whose connections can be cut."""

import asyncio
import threading
from contextlib import suppress


class Cable:
    """Listens on a free loopback port and passes everything on to `port`, in a thread of its own."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._pass_on, "127.0.0.1", 0), self._loop)
        self._server = starting.result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Break what is connected; what connects from now on breaks at once."""
        self._loop.call_soon_threadsafe(self._cut)

    def mend(self) -> None:
        """Let everything through again, also when it was cut this very moment."""
        self._loop.call_soon_threadsafe(self._mend)

    def freeze(self) -> None:
        """Let nothing through any more of what is connected, as where a machine lost its power; what connects later is
        passed on."""
        self._loop.call_soon_threadsafe(self._freeze)

    def lead_to(self, port: int) -> None:
        """Pass what connects from now on to another port; what is connected stays."""
        self._target = port

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    def _cut(self) -> None:
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def _mend(self) -> None:
        self._is_cut = False

    def _freeze(self) -> None:
        for writer in self._writers:
            assert isinstance(writer.transport, asyncio.ReadTransport)
            writer.transport.pause_reading()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        with suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            ends = {writer, far_writer}
            self._writers |= ends
            try:
                await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
            finally:
                self._writers -= ends
                for end in ends:
                    end.close()
            return
        writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # of a process that was killed
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.write_eof()
