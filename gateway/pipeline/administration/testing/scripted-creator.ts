// Owns a creator of keys for tests: it keeps real keys in memory, and answers as it was told.
import { randomBytes } from 'node:crypto';
import type { CreatedKey, CreateResult, KeyCreator } from '../../../../signers/key-creator.ts';
import type { SignerCheck } from '../../../../signers/signer.ts';
import type { ManagedTemplate } from '../managed-template.ts';
import { addressOfSeed } from '../wallets/key-pair.ts';

/** `loses`: does what it was asked, and its answer gets lost. `hangs`: for ever, whatever its signal says. */
export type Mood = 'answers' | 'loses' | 'refuses' | 'hangs' | 'throws';

export interface ScriptedTemplate extends ManagedTemplate {
  readonly script: {
    mood: Mood;
    /** What the credentials that sign see; `throws`: nothing can be opened. */
    signing: SignerCheck | 'throws';
    /** Instead of the address that the key has. */
    claims: string | null;
    /** Seeds that were handed out, to see that they are wiped. */
    readonly handedOut: Uint8Array[];
    /** Names of what was asked, with the label or address. */
    readonly calls: string[];
    /** By label. */
    readonly keys: Map<string, Uint8Array<ArrayBuffer>>;
    openSigners: number;
  };
}

export const SECRET_TEXT = 'token-s3cr3t';
const LOST = { kind: 'unavailable', reason: 'the connection was lost' } as const;
const REFUSED = { kind: 'refused', reason: 'the quota of keys is used up' } as const;

export function scriptedTemplate(change: Partial<ManagedTemplate> = {}): ScriptedTemplate {
  const script: ScriptedTemplate['script'] = {
    mood: 'answers',
    signing: { kind: 'ready', detail: 'the key is there' },
    claims: null,
    handedOut: [],
    calls: [],
    keys: new Map(),
    openSigners: 0,
  };
  async function inMood<T>(call: string, act: () => T): Promise<T | typeof LOST | typeof REFUSED> {
    script.calls.push(call);
    switch (script.mood) {
      case 'answers':
        return act();
      case 'loses':
        act();
        return LOST;
      case 'refuses':
        return REFUSED;
      case 'hangs':
        return new Promise(() => undefined);
      case 'throws':
        throw new Error(`401 with ${SECRET_TEXT}`);
    }
  }
  const keyUnder = (label: string, seed: Uint8Array): CreateResult => {
    const kept = script.keys.get(label) ?? Uint8Array.from(seed);
    script.keys.set(label, kept);
    return { kind: 'created', key: keyOf(script.claims, label, kept) };
  };
  const creator: KeyCreator = {
    backend: 'scripted',
    create: (label) => inMood(`create ${label}`, () => keyUnder(label, new Uint8Array(randomBytes(32)))),
    import: (label, seed) => {
      script.handedOut.push(seed);
      return inMood(`import ${label}`, () => keyUnder(label, seed));
    },
    destroy: ({ address }) =>
      inMood(`destroy ${address}`, () => ({ kind: 'destroyed', detail: 'gone, and kept by nobody' })),
    export: ({ reference }) =>
      inMood(`export ${reference.label}`, () => {
        const seed = Uint8Array.from(script.keys.get(String(reference.label)) ?? []);
        script.handedOut.push(seed);
        return { kind: 'exported', seed };
      }),
    findBy: (label) => `the drawer ${label}`,
    check: async () => ({ kind: 'ready', detail: 'it may make keys' }),
    close: async () => undefined,
  };
  return {
    script,
    name: 'hot',
    backend: 'scripted',
    maxWallets: 5,
    allowExport: true,
    allowImport: true,
    isOpen: () => true,
    creator,
    async openSigner(key: CreatedKey) {
      const { signing } = script;
      if (signing === 'throws') throw new Error(`no signer with ${SECRET_TEXT}`);
      script.openSigners += 1;
      const close = async () => {
        script.openSigners -= 1;
      };
      return { address: key.address, check: async () => signing, close };
    },
    ...change,
  };
}

function keyOf(claims: string | null, label: string, seed: Uint8Array): CreatedKey {
  return { address: claims ?? addressOfSeed(seed) ?? '', reference: { label } };
}
