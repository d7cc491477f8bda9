"""Asks a Countersign gateway to sign a message, for example to sign in somewhere: sign_message.py TEXT

Reads the environment as sign_and_send.py does. What may be signed is plain text that the policy names, never what could be a
transaction. Exits with 0: signed; 1: a fault; 2: wrong arguments; 3: denied; 4: waits for approval.
"""
import sys
import uuid

import grpc
from solders.pubkey import Pubkey
from solders.signature import Signature

from countersign.v1 import signing_pb2 as api
from gateway import explain, print_denial, print_pending_approval, signing_service


def sign_message(text):
    message = text.encode()
    with signing_service() as (gateway, caller):
        wallets = gateway.ListWallets(api.ListWalletsRequest(), metadata=caller, timeout=5).wallets
        if not wallets:
            sys.exit("no wallet is bound to this API key")
        request = api.SignMessageRequest(
            wallet=wallets[0].wallet,
            message=message,
            idempotency_key=str(uuid.uuid4()),  # the same key with the same message gives the same signature
            context={"purpose": "example"},
        )
        answer = gateway.SignMessage(request, metadata=caller, timeout=60)
    match answer.WhichOneof("outcome"):
        case "signed":
            signature = Signature.from_string(answer.signed.signature)
            if not signature.verify(Pubkey.from_string(wallets[0].address), message):
                sys.exit("the signature is not of this wallet and message")
            print(f"signed by {wallets[0].address}: {signature}")
            return 0
        case "denied":
            return print_denial(answer.denied)
        case "pending_approval":
            return print_pending_approval(answer.pending_approval)
    return 1  # an outcome that this client does not know is no success


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1]:
        sys.exit(print("usage: sign_message.py TEXT (one argument)", file=sys.stderr) or 2)
    try:
        sys.exit(sign_message(sys.argv[1]))
    except grpc.RpcError as error:
        sys.exit(explain(error))
