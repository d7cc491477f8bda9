// Owns the way from the certificates of the configuration to the calls of a remote service.
import type { HttpClientOptions } from '../../net/http-client.ts';
import type { ServiceTls } from '../config/signers/service-tls.ts';

export function tlsOf({ ca, client }: ServiceTls): NonNullable<HttpClientOptions['tls']> {
  return {
    ...(ca === null ? {} : { ca }),
    ...(client === null ? {} : { cert: client.cert, key: client.key.reveal() }),
  };
}
