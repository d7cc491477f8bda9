// Owns the proof that a gateway works with a real Kora, as examples/kora configures it.
import { describeKoraGateway } from './kora-gateway-suite.ts';
import { startRealKora } from './real-kora.ts';
import { API_KEY, FEE_PAYER_SEED, HMAC_SECRET, keyPairBytes } from './scene.ts';

describeKoraGateway('a real Kora', async (rpcUrl) => {
  const feePayerKey = keyPairBytes(FEE_PAYER_SEED);
  const kora = await startRealKora({ rpcUrl, feePayerKey, apiKey: API_KEY, hmacSecret: HMAC_SECRET });
  return { url: kora.url, fall: kora.kill, rise: kora.restart, close: kora.kill };
});
