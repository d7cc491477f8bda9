// Owns the way from the certificates of the configuration to the calls of a remote service.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { HttpClientOptions } from '../../net/http-client.ts';
import type { ServiceTls } from '../config/signers/service-tls.ts';
import { SignerFault } from './unopened-signer.ts';

/** Throws SignerFault where a file is no certificate, or the key is not that of our certificate. */
export function tlsOf({ ca, client }: ServiceTls): NonNullable<HttpClientOptions['tls']> {
  if (ca !== null) certificateIn('ca_file', ca);
  if (client !== null) refuseOtherKey(certificateIn('client_cert_file', client.cert), client.key.reveal());
  return {
    ...(ca === null ? {} : { ca }),
    ...(client === null ? {} : { cert: client.cert, key: client.key.reveal() }),
  };
}

/** The first one. */
function certificateIn(field: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new SignerFault(field, 'there is no certificate in it; it must be PEM');
  }
}

function refuseOtherKey(certificate: X509Certificate, pem: string): void {
  if (certificate.checkPrivateKey(keyIn(pem))) return;
  throw new SignerFault('client_key_file', 'its key is not of the certificate in client_cert_file');
}

function keyIn(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new SignerFault(
      'client_key_file',
      'there is no private key in it that can be read; it must be PEM, not encrypted',
    );
  }
}
