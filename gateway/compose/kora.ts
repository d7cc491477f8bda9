// Owns the way from the `kora` entry of the configuration to the relayer and its fee payer.
import { createKoraRelayer, type KoraRelayer } from '../../relayer/kora/kora-relayer.ts';
import type { Relayer } from '../../relayer/relayer.ts';
import type { KoraRelayerConfig } from '../config/relayers/kora.ts';
import { secretSource } from './secret-source.ts';
import { tlsOf } from './service-tls.ts';

/** Asks for the fee payer's address in the background. */
export function openKora(config: KoraRelayerConfig, sender: Relayer): KoraRelayer {
  const { apiKey, hmacSecret, tls } = config;
  return createKoraRelayer({
    ...config,
    apiKey: apiKey && secretSource(apiKey),
    hmacSecret: hmacSecret && secretSource(hmacSecret),
    tls: tlsOf(tls),
    sender,
    now: Date.now,
  });
}
