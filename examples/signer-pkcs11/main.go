// Command signer-pkcs11 serves Countersign's SignerService with Ed25519 keys of a PKCS#11 token, over mTLS.
//
//	signer-pkcs11 -config signer.json                   serve
//	signer-pkcs11 -config signer.json -generate LABEL   make a key in the token and print its address
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"countersign.example/signer-pkcs11/signerv1"
)

//go:generate buf generate ../../proto --template buf.gen.yaml --path ../../proto/countersign/signer

const (
	maxRequestBytes = 128 << 10
	// drain is how long calls may go on after SIGTERM.
	drain = 5 * time.Second
)

func main() {
	configFile := flag.String("config", "", "the configuration, JSON")
	label := flag.String("generate", "", "make an Ed25519 key with this label, print its address and end")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *configFile, *label); err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, configFile, label string) error {
	config, err := readConfig(configFile)
	if err != nil {
		return err
	}
	pin, err := readPIN(config.PINFile)
	if err != nil {
		return err
	}
	token, err := openToken(config.Module, config.Token, pin, config.Sessions)
	if err != nil {
		return err
	}
	defer token.close()
	if label != "" {
		public, err := token.generate(ctx, label)
		if err == nil {
			fmt.Println(base58(public))
		}
		return err
	}
	return serve(ctx, config, token)
}

func serve(ctx context.Context, config *Config, token *Token) error {
	service, err := newSignerService(ctx, token, config.Keys)
	if err != nil {
		return err
	}
	tls, err := serverTLS(config.TLS.CertFile, config.TLS.KeyFile, config.TLS.ClientCAFile)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", config.Listen)
	if err != nil {
		return err
	}
	server := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(tls)),
		grpc.MaxRecvMsgSize(maxRequestBytes),
		grpc.MaxConcurrentStreams(1024),
		grpc.ConnectionTimeout(10*time.Second),
		// Gateways ask after 20 s of silence whether a call still lives; grpc-go hangs up on those who ask more often than every 5 min.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second}),
		// A certificate that was replaced or expired counts from the next connection on.
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: time.Hour, MaxConnectionAgeGrace: time.Minute}),
	)
	signerv1.RegisterSignerServiceServer(server, service)
	go func() {
		<-ctx.Done()
		time.AfterFunc(drain, server.Stop)
		server.GracefulStop()
	}()
	slog.Info("serving", "address", listener.Addr().String())
	return server.Serve(listener)
}
