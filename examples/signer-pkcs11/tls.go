package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
)

// serverTLS reads the files for each connection, so that certificates are replaced without a restart. Files that do not fit together
// leave those before in use.
func serverTLS(certFile, keyFile, clientCAFile string) (*tls.Config, error) {
	read := func() (*tls.Config, error) {
		certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("%s and %s: %w", certFile, keyFile, err)
		}
		authorities, err := os.ReadFile(clientCAFile)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(authorities) {
			return nil, fmt.Errorf("%s holds no certificate", clientCAFile)
		}
		return &tls.Config{
			MinVersion:   tls.VersionTLS13,
			NextProtos:   []string{"h2"},
			Certificates: []tls.Certificate{certificate},
			ClientAuth:   tls.RequireAndVerifyClientCert,
			ClientCAs:    pool,
			// A session that is resumed would keep the trust of the day it began.
			SessionTicketsDisabled: true,
		}, nil
	}
	first, err := read()
	if err != nil {
		return nil, err
	}
	current := make(chan *tls.Config, 1)
	current <- first
	outer := first.Clone()
	outer.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		last := <-current
		defer func() { current <- last }()
		fresh, err := read()
		if err != nil {
			slog.Error("the certificates cannot be read again; those before stay in use", "error", err)
			return last, nil
		}
		last = fresh
		return last, nil
	}
	return outer, nil
}
