package main

import (
	"bytes"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"countersign.example/signer-pkcs11/signerv1"
)

// judge is the place for rules of your own: an error refuses for good. It sees what the gateway was asked to have signed, after the
// gateway's policy allowed it.
func judge(key Key, request *signerv1.SignRequest) error {
	if len(request.Message) == 0 {
		return status.Error(codes.InvalidArgument, "message is empty")
	}
	switch subject := request.Subject.(type) {
	case *signerv1.SignRequest_WireTransaction:
		if !bytes.Equal(messageOf(subject.WireTransaction), request.Message) {
			return status.Error(codes.InvalidArgument, "message is not the message of wire_transaction")
		}
		return nil
	case *signerv1.SignRequest_OffchainMessage:
		if !key.Messages {
			return status.Errorf(codes.PermissionDenied, "the key %s signs no messages", key.Name)
		}
		if mayBeTransaction(request.Message) {
			return status.Error(codes.PermissionDenied, "offchain_message could be a transaction")
		}
		return nil
	}
	return status.Error(codes.InvalidArgument, "neither wire_transaction nor offchain_message is given")
}

const signatureBytes = 64

// messageOf cuts the signatures off a wire transaction. Legacy and v0: their count and they come first. v1: they come last.
func messageOf(wire []byte) []byte {
	if len(wire) < 2 {
		return nil
	}
	if wire[0] == 0x81 {
		return wire[:max(0, len(wire)-signatureBytes*int(wire[1]))]
	}
	if start := 1 + signatureBytes*int(wire[0]); wire[0] < 0x80 && start <= len(wire) {
		return wire[start:]
	}
	return nil
}

// mayBeTransaction tells by the first byte. A legacy message begins with the number of its signatures, of which a transaction holds
// fewer than 0x20; other versions begin at 0x80, and 0xff is kept for messages that are none.
func mayBeTransaction(message []byte) bool {
	return message[0] < 0x20 || (message[0] >= 0x80 && message[0] < 0xc0)
}
