"""gRPC without generated code: a server whose messages are bytes, and the calls of its methods."""

import concurrent.futures
import threading
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

SERVICE = "ballast.test.Echo"
THREADS = 32


class CallServer:
    """Answers with its name before what it was sent. `seen` are the methods that were called."""

    def __init__(self, name: str, port: int = 0, options: list[tuple[str, Any]] | None = None,
                 credentials: grpc.ServerCredentials | None = None) -> None:
        self.name, self.lock = name, threading.Lock()
        self.seen: list[str] = []
        self.metadata: list[dict[str, str]] = []
        self.cancelled = threading.Event()
        self.waiting = threading.Event()
        # Statuses that the next calls of `Unary` end with instead.
        self.refusals: list[grpc.StatusCode] = []
        self.health = health.HealthServicer()
        self.server = grpc.server(
            concurrent.futures.ThreadPoolExecutor(THREADS), options=[("grpc.so_reuseport", 0), *(options or [])])
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self.server)
        self.server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, {
            "Unary": grpc.unary_unary_rpc_method_handler(self.unary),
            "Late": grpc.unary_unary_rpc_method_handler(self.late),
            "Count": grpc.unary_stream_rpc_method_handler(self.count),
            "Sum": grpc.stream_unary_rpc_method_handler(self.sum),
            "Chat": grpc.stream_stream_rpc_method_handler(self.chat),
        })])
        address = f"127.0.0.1:{port}"
        self.port = (self.server.add_secure_port(address, credentials) if credentials
                     else self.server.add_insecure_port(address))
        self.server.start()

    def stop(self) -> None:
        self.server.stop(None).wait()

    def serving(self, service: str, serves: bool) -> None:
        status = health_pb2.HealthCheckResponse.ServingStatus
        self.health.set(service, status.SERVING if serves else status.NOT_SERVING)

    def note(self, method: str, context: grpc.ServicerContext) -> None:
        with self.lock:
            self.seen.append(method)
            self.metadata.append({key: value for key, value in context.invocation_metadata()})

    def unary(self, message: bytes, context: grpc.ServicerContext) -> bytes:
        self.note("Unary", context)
        with self.lock:
            refusal = self.refusals.pop(0) if self.refusals else None
        if refusal is not None:
            context.abort(refusal, "as the test wants it")
        context.send_initial_metadata([("x-server", self.name)])
        context.set_trailing_metadata([("x-end", self.name), ("x-end-bin", bytes(range(8)))])
        return self.name.encode() + b":" + message

    def late(self, message: bytes, context: grpc.ServicerContext) -> bytes:
        """Never answers; knows when nobody waits any more."""
        self.note("Late", context)
        gone = threading.Event()
        context.add_callback(gone.set)
        self.waiting.set()
        gone.wait(30)
        self.cancelled.set()
        return b""

    def count(self, message: bytes, context: grpc.ServicerContext):
        self.note("Count", context)
        for number in range(int(message)):
            yield b"%s:%d" % (self.name.encode(), number)

    def sum(self, messages, context: grpc.ServicerContext) -> bytes:
        self.note("Sum", context)
        return b"%d" % sum(len(message) for message in messages)

    def chat(self, messages, context: grpc.ServicerContext):
        self.note("Chat", context)
        for message in messages:
            yield self.name.encode() + b":" + message


class Caller:
    """A client with one connection to a port."""

    def __init__(self, port: int, credentials: grpc.ChannelCredentials | None = None, **options: Any) -> None:
        # Each its own connection: channels share one otherwise. No retries of its own.
        settings = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0),
                    *((key.replace("__", "."), value) for key, value in options.items())]
        target = f"127.0.0.1:{port}"
        self.channel = (grpc.secure_channel(target, credentials, settings) if credentials
                        else grpc.insecure_channel(target, settings))
        prefix = f"/{SERVICE}/"
        self.unary = self.channel.unary_unary(prefix + "Unary")
        self.late = self.channel.unary_unary(prefix + "Late")
        self.count = self.channel.unary_stream(prefix + "Count")
        self.sum = self.channel.stream_unary(prefix + "Sum")
        self.chat = self.channel.stream_stream(prefix + "Chat")

    def stop(self) -> None:
        self.channel.close()


def failure(call) -> grpc.RpcError:
    """What a call fails with."""
    try:
        answer = call()
    except grpc.RpcError as error:
        return error
    raise AssertionError(f"it was answered: {answer!r}")
