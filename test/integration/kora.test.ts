import { startFakeKora } from '../fakes/kora/kora.ts';
import { describeKoraGateway } from '../kora/kora-gateway-suite.ts';
import { API_KEY, FEE_PAYER_SEED, HMAC_SECRET } from '../kora/scene.ts';

describeKoraGateway('a Kora', () =>
  startFakeKora({ seeds: [FEE_PAYER_SEED], apiKey: API_KEY, hmacSecret: HMAC_SECRET }),
);
