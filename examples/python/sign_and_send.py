"""Asks a Countersign gateway to sign and send a SOL transfer: sign_and_send.py RECIPIENT LAMPORTS

Reads COUNTERSIGN_ADDRESS, COUNTERSIGN_API_KEY or COUNTERSIGN_API_KEY_FILE, and COUNTERSIGN_CA_FILE (PEM) where the gateway
serves TLS. Exits with 0: confirmed; 1: a fault; 2: wrong arguments; 3: denied; 4: waits for approval.
"""
import os
import sys
import uuid
from pathlib import Path

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from solders.hash import Hash
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from countersign.v1 import signing_pb2 as api
from countersign.v1 import signing_pb2_grpc, transaction_pb2


def sign_and_send(gateway, key, recipient, lamports):
    caller = [("authorization", f"Bearer {key}")]
    wallet = gateway.ListWallets(api.ListWalletsRequest(), metadata=caller, timeout=5).wallets[0]
    sender = Pubkey.from_string(wallet.address)
    instruction = transfer(TransferParams(from_pubkey=sender, to_pubkey=recipient, lamports=lamports))
    message = MessageV0.try_compile(sender, [instruction], [], Hash.default())
    unsigned = VersionedTransaction.populate(message, [Signature.default()])  # zeros: the agent has no key

    request = api.SignAndSendTransactionRequest(
        wallet=wallet.wallet,
        transaction=bytes(unsigned),
        set_fresh_blockhash=True,
        idempotency_key=str(uuid.uuid4()),  # the same key with the same request never pays twice
        context={"purpose": "example"},
        wait_for=api.WAIT_FOR_CONFIRMED,
    )
    answer = gateway.SignAndSendTransaction(request, metadata=caller, timeout=60)

    match answer.WhichOneof("outcome"):
        case "submitted":
            state = transaction_pb2.RequestState.Name(answer.submitted.state).removeprefix("REQUEST_STATE_")
            print(f"{state.lower()}: {answer.submitted.signature} {answer.submitted.error}".rstrip())
            return 0 if state in ("CONFIRMED", "FINALIZED") else 1
        case "denied":
            print("denied:", *(f"\n  {reason.code}: {reason.message}" for reason in answer.denied.reasons))
            return 3
        case "pending_approval":
            pending = answer.pending_approval
            print(f"waits for {pending.requirement.quorum} approval(s): {pending.approval_id}")
            return 4
    return 1  # an outcome that this client does not know is no success


def connect():
    address = os.environ.get("COUNTERSIGN_ADDRESS", "127.0.0.1:50051")
    ca_file = os.environ.get("COUNTERSIGN_CA_FILE")
    if ca_file is None:
        return grpc.insecure_channel(address)
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(Path(ca_file).read_bytes()))


def api_key():
    key_file = os.environ.get("COUNTERSIGN_API_KEY_FILE")
    return Path(key_file).read_text().strip() if key_file else os.environ["COUNTERSIGN_API_KEY"]


def explain(error):
    """A fault, unlike a denial, is a gRPC status; its ErrorInfo has a stable reason and says whether to call again."""
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    if status is None or not any(detail.Unpack(info) for detail in status.details):
        return f"{error.code().name}: {error.details()}"
    return f"{error.code().name} {info.reason} (retry: {info.metadata['retry']}): {error.details()}"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(print(__doc__, file=sys.stderr) or 2)
    try:
        with connect() as channel:
            stub = signing_pb2_grpc.SigningServiceStub(channel)
            sys.exit(sign_and_send(stub, api_key(), Pubkey.from_string(sys.argv[1]), int(sys.argv[2])))
    except grpc.RpcError as error:
        sys.exit(explain(error))
