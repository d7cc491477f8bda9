package main

import (
	"math/big"
	"slices"
)

const base58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// base58 writes a public key as Solana does: its address.
func base58(key []byte) string {
	var text []byte
	number, digit, radix := new(big.Int).SetBytes(key), new(big.Int), big.NewInt(58)
	for number.Sign() > 0 {
		number.DivMod(number, radix, digit)
		text = append(text, base58Alphabet[digit.Int64()])
	}
	for _, each := range key {
		if each != 0 {
			break
		}
		text = append(text, base58Alphabet[0])
	}
	slices.Reverse(text)
	return string(text)
}
