"""The connection to a Countersign gateway: the stub, the API key on every call, and what a fault means."""
import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from countersign.v1 import signing_pb2_grpc


@contextmanager
def signing_service():
    """The stub, and the metadata of its calls, for the gateway that the environment names."""
    address = os.environ.get("COUNTERSIGN_DATA_ADDRESS", "127.0.0.1:50051")
    caller = [("authorization", f"Bearer {api_key()}")]
    with open_channel(address, os.environ.get("COUNTERSIGN_CA_FILE")) as channel:
        yield signing_pb2_grpc.SigningServiceStub(channel), caller


def open_channel(address, ca_file):
    """In the clear only to this machine: the API key must not cross a network unprotected."""
    if not ca_file and re.match(r"(127(\.\d+){3}|localhost|\[::1]):", address):
        return grpc.insecure_channel(address)
    roots = Path(ca_file).read_bytes() if ca_file else None
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(roots))


def api_key():
    key_file = os.environ.get("COUNTERSIGN_API_KEY_FILE")
    key = Path(key_file).read_text().strip() if key_file else os.environ.get("COUNTERSIGN_API_KEY")
    return key or sys.exit("set COUNTERSIGN_API_KEY or COUNTERSIGN_API_KEY_FILE")


def print_denial(denied):
    """The exit code of a denial; the remedy says what would have been allowed."""
    print("denied:")
    for reason in denied.reasons:
        print(f"  {reason.code}: {reason.message}", reason.remedy, sep="; " if reason.remedy else "")
    return 3


def print_pending_approval(pending):
    """The exit code where people are asked first."""
    print(f"waits for {pending.requirement.quorum} approval(s): {pending.approval_id}")
    return 4


def explain(error):
    """A fault, unlike a denial, is a gRPC status; its ErrorInfo has a stable reason and says whether to call again."""
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    if status is None or not any(detail.Unpack(info) for detail in status.details):
        return f"{error.code().name}: {error.details()}"
    return f"{error.code().name} {info.reason} (retry: {info.metadata['retry']}): {error.details()}"
