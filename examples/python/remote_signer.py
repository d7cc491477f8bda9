"""Serves SignerService with one key: remote_signer.py KEYPAIR HOST:PORT

KEYPAIR is a file of the Solana CLI; put your HSM or enclave in its place. Reads signer.pem, signer.key and ca.pem in the current folder.
"""
import sys
from concurrent import futures
from pathlib import Path

import grpc
from solders.keypair import Keypair

from countersign.signer.v1 import signer_pb2 as api
from countersign.signer.v1 import signer_pb2_grpc

KEY = "treasury"
CLIENT = b"gateway"  # the common name in the certificate of the gateway that may use the key


class Signer(signer_pb2_grpc.SignerServiceServicer):
    def __init__(self, keypair):
        self.keypair = keypair

    def GetKey(self, request, context):
        authorize(request.key, context)
        return api.GetKeyResponse(public_key=bytes(self.keypair.pubkey()), detail="a file, for a start")

    def Sign(self, request, context):
        authorize(request.key, context)
        if request.WhichOneof("subject") != "wire_transaction":
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "this key signs transactions only")
        if request.message != message_of(request.wire_transaction):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "message is not the message of wire_transaction")
        return api.SignResponse(signature=bytes(self.keypair.sign_message(request.message)))


def authorize(key, context):
    if key != KEY or CLIENT not in context.auth_context().get("x509_common_name", []):
        context.abort(grpc.StatusCode.NOT_FOUND, "no such key for this client")


def message_of(wire):
    """Legacy and v0: a count, so many signatures, the message. v1: the message, then the signatures, whose count is its second byte."""
    if len(wire) < 2:
        return None
    if wire[0] == 0x81:
        return wire[: max(0, len(wire) - 64 * wire[1])]
    return wire[1 + 64 * wire[0] :] if wire[0] < 0x80 else None


def main(keypair_file, address):
    server = grpc.server(futures.ThreadPoolExecutor(16), options=[("grpc.max_receive_message_length", 128 * 1024)])
    signer_pb2_grpc.add_SignerServiceServicer_to_server(Signer(Keypair.from_json(Path(keypair_file).read_text())), server)
    certificate, key, authority = (Path(name).read_bytes() for name in ("signer.pem", "signer.key", "ca.pem"))
    server.add_secure_port(address, grpc.ssl_server_credentials([(key, certificate)], authority, require_client_auth=True))
    server.start()
    print(f"serving on {address}", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
