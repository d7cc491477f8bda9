// Owns the way from the `kora` entry of the configuration to the relayer and its fee payer.
import { createKoraRelayer, type KoraRelayer } from '../../relayer/kora/kora-relayer.ts';
import type { Relayer } from '../../relayer/relayer.ts';
import type { KoraRelayerConfig } from '../config/relayers/kora.ts';
import { secretSource } from './secret-source.ts';
import { tlsOf } from './service-tls.ts';
import { faultOf } from './unopened-signer.ts';

/** Asks for the fee payer's address in the background. Throws where its certificates are none, or not of its key. */
export function openKora(config: KoraRelayerConfig, sender: Relayer): KoraRelayer {
  const { apiKey, hmacSecret, tls } = config;
  return createKoraRelayer({
    ...config,
    apiKey: apiKey && secretSource(apiKey),
    hmacSecret: hmacSecret && secretSource(hmacSecret),
    tls: tlsIn(config.name, tls),
    sender,
    now: Date.now,
  });
}

function tlsIn(name: string, tls: KoraRelayerConfig['tls']): ReturnType<typeof tlsOf> {
  try {
    return tlsOf(tls);
  } catch (error) {
    const { field, message } = faultOf(error);
    throw new Error(`relayer ${name}: ${field}: ${message}`, { cause: error });
  }
}
