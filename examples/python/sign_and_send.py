"""Asks a Countersign gateway to sign and send a SOL transfer: sign_and_send.py RECIPIENT LAMPORTS

Reads COUNTERSIGN_DATA_ADDRESS, COUNTERSIGN_API_KEY or COUNTERSIGN_API_KEY_FILE, and COUNTERSIGN_CA_FILE (PEM) where the gateway's
certificate is not of a public authority. Exits with 0: confirmed; 1: a fault; 2: wrong arguments; 3: denied; 4: waits for approval.
"""
import sys
import uuid

import grpc
from solders.hash import Hash
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from countersign.v1 import signing_pb2 as api
from countersign.v1.transaction_pb2 import RequestState
from gateway import explain, print_denial, print_pending_approval, signing_service


def sign_and_send(recipient, lamports):
    with signing_service() as (gateway, caller):
        wallets = gateway.ListWallets(api.ListWalletsRequest(), metadata=caller, timeout=5).wallets
        if not wallets:
            sys.exit("no wallet is bound to this API key")
        sender = Pubkey.from_string(wallets[0].address)
        instruction = transfer(TransferParams(from_pubkey=sender, to_pubkey=recipient, lamports=lamports))
        message = MessageV0.try_compile(sender, [instruction], [], Hash.default())
        unsigned = VersionedTransaction.populate(message, [Signature.default()])  # zeros: the agent has no key
        request = api.SignAndSendTransactionRequest(
            wallet=wallets[0].wallet,
            transaction=bytes(unsigned),
            set_fresh_blockhash=True,
            idempotency_key=str(uuid.uuid4()),  # the same key with the same request never pays twice
            context={"purpose": "example"},
            wait_for=api.WAIT_FOR_CONFIRMED,
        )
        return gateway.SignAndSendTransaction(request, metadata=caller, timeout=60)


def report(answer):
    match answer.WhichOneof("outcome"):
        case "submitted":
            state = RequestState.Name(answer.submitted.state).removeprefix("REQUEST_STATE_")
            print(f"{state}: {answer.submitted.signature} {answer.submitted.error}".rstrip())
            return 0 if state in ("CONFIRMED", "FINALIZED") else 1
        case "denied":
            return print_denial(answer.denied)
        case "pending_approval":
            return print_pending_approval(answer.pending_approval)
    return 1  # an outcome that this client does not know is no success


if __name__ == "__main__":
    try:
        recipient, lamports = Pubkey.from_string(sys.argv[1]), int(sys.argv[2])
        lamports.to_bytes(8, "big")  # refuses what is no u64
    except (IndexError, ValueError, OverflowError):
        sys.exit(print("usage: sign_and_send.py RECIPIENT LAMPORTS", file=sys.stderr) or 2)
    try:
        sys.exit(report(sign_and_send(recipient, lamports)))
    except grpc.RpcError as error:
        sys.exit(explain(error))
