// Owns asking the fake Kora what a real one was asked.
import { startFakeKora } from '../fakes/kora/kora.ts';
import { ask, type Exchange, type KoraReply } from './exchanges.ts';
import { API_KEY, FEE_PAYER_SEED, HMAC_SECRET } from './scene.ts';

/** What the fake replies to the request of the exchange, at its time and where simulations go as they went. */
export async function replyOfFake({ at, simulation, request }: Exchange): Promise<KoraReply> {
  const fake = await startFakeKora({
    seeds: [FEE_PAYER_SEED],
    apiKey: API_KEY,
    hmacSecret: HMAC_SECRET,
    simulate: () => simulation,
    now: () => at,
  });
  try {
    return await ask(fake.url, request);
  } finally {
    await fake.close();
  }
}
