package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/miekg/pkcs11"
)

// PKCS#11 3.0, which the package does not name yet.
const (
	ckkECEdwards           = 0x40
	ckmECEdwardsKeyPairGen = 0x1055
	ckmEdDSA               = 0x1057
)

// edwards25519 is the OID 1.3.101.112 in DER, as CKA_EC_PARAMS.
var edwards25519 = []byte{0x06, 0x03, 0x2b, 0x65, 0x70}

var (
	errBusy        = errors.New("all sessions of the token are in use")
	errUnsound     = errors.New("the token gave a signature that does not verify")
	errNoSuchLabel = errors.New("the token has no such key")
	errPINRefused  = errors.New("the token refused the PIN; it is not tried again before a restart, so that it does not get locked")
)

// Token is a logged-in PKCS#11 token with a pool of sessions: a session does one thing at a time.
type Token struct {
	module   *pkcs11.Ctx
	slot     uint
	pin      string
	sessions chan pkcs11.SessionHandle
	// waiting bounds the calls that are in here at once.
	waiting chan struct{}
	labels  map[string]ed25519.PublicKey
	// pinRefused: the PIN was changed while we ran.
	pinRefused atomic.Bool
}

// waitingPerSession is how many calls may wait for each session before the next are sent away.
const waitingPerSession = 32

func openToken(modulePath, label, pin string, sessions int) (*Token, error) {
	module := pkcs11.New(modulePath)
	if module == nil {
		return nil, fmt.Errorf("%s is no PKCS#11 library that can be loaded", modulePath)
	}
	if err := module.Initialize(); err != nil {
		return nil, fmt.Errorf("C_Initialize: %w", err)
	}
	token := &Token{
		module:   module,
		pin:      pin,
		sessions: make(chan pkcs11.SessionHandle, sessions),
		waiting:  make(chan struct{}, sessions*(1+waitingPerSession)),
		labels:   map[string]ed25519.PublicKey{},
	}
	if err := token.open(label, sessions); err != nil {
		token.close()
		return nil, err
	}
	return token, nil
}

func (t *Token) open(label string, sessions int) error {
	slots, err := t.module.GetSlotList(true)
	if err != nil {
		return fmt.Errorf("C_GetSlotList: %w", err)
	}
	for _, slot := range slots {
		found, err := t.module.GetTokenInfo(slot)
		if err != nil || found.Label != label {
			continue
		}
		t.slot = slot
		for range sessions {
			session, err := t.newSession()
			if err != nil {
				return err
			}
			t.sessions <- session
		}
		return nil
	}
	return fmt.Errorf("no token is called %q", label)
}

// newSession logs in too: the first login counts for all sessions, until the token was away.
func (t *Token) newSession() (pkcs11.SessionHandle, error) {
	if t.pinRefused.Load() {
		return 0, errPINRefused
	}
	session, err := t.module.OpenSession(t.slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return 0, fmt.Errorf("C_OpenSession: %w", err)
	}
	err = t.module.Login(session, pkcs11.CKU_USER, t.pin)
	if err != nil && !errors.Is(err, pkcs11.Error(pkcs11.CKR_USER_ALREADY_LOGGED_IN)) {
		if errors.Is(err, pkcs11.Error(pkcs11.CKR_PIN_INCORRECT)) {
			t.pinRefused.Store(true)
		}
		_ = t.module.CloseSession(session)
		return 0, fmt.Errorf("C_Login: %w", err)
	}
	return session, nil
}

func (t *Token) close() {
	_ = t.module.Finalize()
	t.module.Destroy()
}

// with lends a session. A session that failed is replaced, and the work is tried once more: Ed25519 signs the same bytes the same way.
func (t *Token) with(ctx context.Context, work func(pkcs11.SessionHandle) error) error {
	select {
	case t.waiting <- struct{}{}:
		defer func() { <-t.waiting }()
	default:
		return errBusy
	}
	var session pkcs11.SessionHandle
	select {
	case session = <-t.sessions:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { t.sessions <- session }()
	err := work(session)
	var code pkcs11.Error
	if !errors.As(err, &code) {
		return err
	}
	slog.Warn("a session of the token failed and is replaced", "error", err)
	_ = t.module.CloseSession(session)
	fresh, err := t.newSession()
	if err != nil {
		return err
	}
	session = fresh
	return work(session)
}

// load looks up the public half of a key and keeps it. Not for use beside sign.
func (t *Token) load(ctx context.Context, label string) (ed25519.PublicKey, error) {
	var public ed25519.PublicKey
	err := t.with(ctx, func(session pkcs11.SessionHandle) error {
		object, err := t.find(session, pkcs11.CKO_PUBLIC_KEY, label)
		if err != nil {
			return err
		}
		attributes, err := t.module.GetAttributeValue(session, object, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, nil)})
		if err != nil {
			return fmt.Errorf("C_GetAttributeValue: %w", err)
		}
		public, err = edwardsPoint(attributes[0].Value)
		return err
	})
	if err == nil {
		t.labels[label] = public
	}
	return public, err
}

func (t *Token) sign(ctx context.Context, label string, message []byte) ([]byte, error) {
	var signature []byte
	err := t.with(ctx, func(session pkcs11.SessionHandle) error {
		object, err := t.find(session, pkcs11.CKO_PRIVATE_KEY, label)
		if err != nil {
			return err
		}
		if err := t.module.SignInit(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(ckmEdDSA, nil)}, object); err != nil {
			return fmt.Errorf("C_SignInit: %w", err)
		}
		signature, err = t.module.Sign(session, message)
		if err != nil {
			return fmt.Errorf("C_Sign: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// A token that was made to miscalculate would tell its key by what it answers.
	if len(signature) != ed25519.SignatureSize || !ed25519.Verify(t.labels[label], message, signature) {
		return nil, errUnsound
	}
	return signature, nil
}

func (t *Token) find(session pkcs11.SessionHandle, class uint, label string) (pkcs11.ObjectHandle, error) {
	err := t.module.FindObjectsInit(session, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, class),
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, ckkECEdwards),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, label),
	})
	if err != nil {
		return 0, fmt.Errorf("C_FindObjectsInit: %w", err)
	}
	objects, _, err := t.module.FindObjects(session, 2)
	if final := t.module.FindObjectsFinal(session); err == nil {
		err = final
	}
	if err != nil {
		return 0, fmt.Errorf("C_FindObjects: %w", err)
	}
	switch len(objects) {
	case 1:
		return objects[0], nil
	case 0:
		return 0, fmt.Errorf("%w: an Ed25519 key with the label %q", errNoSuchLabel, label)
	}
	return 0, fmt.Errorf("the token has several Ed25519 keys with the label %q", label)
}

// generate makes a key that never leaves the token.
func (t *Token) generate(ctx context.Context, label string) (ed25519.PublicKey, error) {
	if _, err := t.load(ctx, label); !errors.Is(err, errNoSuchLabel) {
		if err == nil {
			err = fmt.Errorf("there is a key %q already", label)
		}
		return nil, err
	}
	err := t.with(ctx, func(session pkcs11.SessionHandle) error {
		public := []*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
			pkcs11.NewAttribute(pkcs11.CKA_VERIFY, true),
			pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, edwards25519),
			pkcs11.NewAttribute(pkcs11.CKA_LABEL, label),
		}
		private := []*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
			pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
			pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true),
			pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
			pkcs11.NewAttribute(pkcs11.CKA_SIGN, true),
			pkcs11.NewAttribute(pkcs11.CKA_LABEL, label),
		}
		mechanism := []*pkcs11.Mechanism{pkcs11.NewMechanism(ckmECEdwardsKeyPairGen, nil)}
		if _, _, err := t.module.GenerateKeyPair(session, mechanism, public, private); err != nil {
			return fmt.Errorf("C_GenerateKeyPair: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t.load(ctx, label)
}

// edwardsPoint reads CKA_EC_POINT: an OCTET STRING by PKCS#11 2.40, a BIT STRING or the bare bytes by newer and other tokens.
func edwardsPoint(value []byte) (ed25519.PublicKey, error) {
	switch {
	case len(value) == 32:
		return value, nil
	case len(value) == 34 && value[0] == 0x04 && value[1] == 32:
		return value[2:], nil
	case len(value) == 35 && value[0] == 0x03 && value[1] == 33 && value[2] == 0:
		return value[3:], nil
	}
	return nil, fmt.Errorf("CKA_EC_POINT holds no Ed25519 key: %x", value)
}
