package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Config is the file that is given with -config. Relative paths in it are relative to the file.
type Config struct {
	// Listen is host:port.
	Listen string `json:"listen"`
	TLS    struct {
		CertFile     string `json:"cert_file"`
		KeyFile      string `json:"key_file"`
		ClientCAFile string `json:"client_ca_file"`
	} `json:"tls"`
	// Module is the PKCS#11 library of the HSM's vendor.
	Module string `json:"module"`
	// Token is the label of the token that holds the keys.
	Token string `json:"token"`
	// PINFile holds the PIN of the token's user.
	PINFile string `json:"pin_file"`
	// Sessions is how many signatures the token makes at once.
	Sessions int   `json:"sessions"`
	Keys     []Key `json:"keys"`
}

// Key is one key of the token, and who may use it.
type Key struct {
	// Name is what gateways call it.
	Name string `json:"name"`
	// Label is its CKA_LABEL.
	Label string `json:"label"`
	// Clients are names in the certificates of the gateways that may use it: a DNS or URI name, or the common name.
	Clients []string `json:"clients"`
	// Messages allows to sign messages that are no transactions.
	Messages bool `json:"messages"`
}

func readConfig(path string) (*Config, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	config := &Config{Sessions: 4}
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(config); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, each := range []*string{&config.TLS.CertFile, &config.TLS.KeyFile, &config.TLS.ClientCAFile, &config.Module, &config.PINFile} {
		if *each != "" && !filepath.IsAbs(*each) {
			*each = filepath.Join(filepath.Dir(path), *each)
		}
	}
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return config, nil
}

func (c *Config) check() error {
	for name, value := range map[string]string{
		"listen": c.Listen, "tls.cert_file": c.TLS.CertFile, "tls.key_file": c.TLS.KeyFile, "tls.client_ca_file": c.TLS.ClientCAFile,
		"module": c.Module, "token": c.Token, "pin_file": c.PINFile,
	} {
		if value == "" {
			return fmt.Errorf("%s is missing", name)
		}
	}
	if c.Sessions < 1 || c.Sessions > 1024 {
		return errors.New("sessions must be between 1 and 1024")
	}
	names := map[string]bool{}
	for _, key := range c.Keys {
		if key.Name == "" || key.Label == "" || len(key.Clients) == 0 {
			return fmt.Errorf("the key %q needs a name, a label and at least one client", key.Name)
		}
		if names[key.Name] {
			return fmt.Errorf("there are two keys %q", key.Name)
		}
		names[key.Name] = true
	}
	return nil
}

func readPIN(path string) (string, error) {
	found, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if found.Mode().Perm()&0o007 != 0 {
		return "", fmt.Errorf("everybody on this machine may open %s; make it 0600", path)
	}
	text, err := os.ReadFile(path)
	return strings.TrimRight(string(text), "\r\n"), err
}
