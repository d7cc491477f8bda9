package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"countersign.example/signer-pkcs11/signerv1"
)

type signerService struct {
	signerv1.UnimplementedSignerServiceServer
	token *Token
	keys  map[string]servedKey
}

type servedKey struct {
	Key
	public ed25519.PublicKey
}

func newSignerService(ctx context.Context, token *Token, keys []Key) (*signerService, error) {
	service := &signerService{token: token, keys: map[string]servedKey{}}
	for _, key := range keys {
		public, err := token.load(ctx, key.Label)
		if err != nil {
			return nil, err
		}
		service.keys[key.Name] = servedKey{key, public}
		slog.Info("key", "name", key.Name, "address", base58(public))
	}
	return service, nil
}

func (s *signerService) GetKey(ctx context.Context, request *signerv1.GetKeyRequest) (*signerv1.GetKeyResponse, error) {
	key, _, err := s.keyFor(ctx, request.Key)
	if err != nil {
		return nil, err
	}
	return &signerv1.GetKeyResponse{PublicKey: key.public, Detail: "PKCS#11 key " + key.Label}, nil
}

func (s *signerService) Sign(ctx context.Context, request *signerv1.SignRequest) (*signerv1.SignResponse, error) {
	key, client, err := s.keyFor(ctx, request.Key)
	if err == nil {
		err = judge(key.Key, request)
	}
	var signature []byte
	if err == nil {
		signature, err = s.token.sign(ctx, key.Label, request.Message)
		err = statusOf(err)
	}
	digest := sha256.Sum256(request.Message)
	slog.Info("sign", "key", request.Key, "client", client, "idempotency_key", request.IdempotencyKey,
		"message_sha256", hex.EncodeToString(digest[:]), "status", status.Code(err).String())
	if err != nil {
		return nil, err
	}
	return &signerv1.SignResponse{Signature: signature}, nil
}

// keyFor answers NOT_FOUND for a key of others too: who may not use it need not know of it.
func (s *signerService) keyFor(ctx context.Context, name string) (servedKey, string, error) {
	names := clientNames(ctx)
	key, found := s.keys[name]
	for _, client := range names {
		if found && slices.Contains(key.Clients, client) {
			return key, client, nil
		}
	}
	slog.Warn("a client asked for a key that it may not use", "key", name, "client", names)
	return servedKey{}, "", status.Errorf(codes.NotFound, "no key %q for this client", name)
}

func clientNames(ctx context.Context) []string {
	from, _ := peer.FromContext(ctx)
	if from == nil {
		return nil
	}
	tls, _ := from.AuthInfo.(credentials.TLSInfo)
	if len(tls.State.VerifiedChains) == 0 {
		return nil
	}
	certificate := tls.State.VerifiedChains[0][0]
	names := append([]string{certificate.Subject.CommonName}, certificate.DNSNames...)
	for _, uri := range certificate.URIs {
		names = append(names, uri.String())
	}
	return names
}

// statusOf says which failures left nothing behind. What the token says goes to our own log only.
func statusOf(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return status.FromContextError(err).Err()
	case errors.Is(err, errBusy):
		busy, _ := status.New(codes.ResourceExhausted, errBusy.Error()).WithDetails(
			&errdetails.RetryInfo{RetryDelay: durationpb.New(250 * time.Millisecond)})
		return busy.Err()
	}
	slog.Error("the token did not sign", "error", err)
	return status.Error(codes.Unavailable, "the token did not sign")
}
