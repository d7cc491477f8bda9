// Owns what the tests of a key creator bring to the suites that all of them must pass (key-creator-conformance.ts).
import type { OpenedTemplate } from '../../gateway/compose/templates/opened-template.ts';
import type { CreatorMisbehaviour } from '../fakes/misbehaviour.ts';

/** A fake of the service, or a real one behind something that can misbehave for it. */
export interface CreatorService {
  /**
   * The next `times` calls that make, bring, destroy or give out a key go wrong so; those that look for one are answered right. `Infinity`
   * until it is called again; `null`: none any more. While the service is `away` or takes the credentials for wrong, every call goes wrong.
   */
  misbehave(how: CreatorMisbehaviour | null, times?: number): Promise<void> | void;
  /** Calls that were to make, bring, destroy or give out a key and reached the service, refused ones too. */
  readonly changeCalls: () => number;
  /** Keys of this creator that the service has made or was brought so far, also those that were destroyed since. */
  readonly keysMade: () => Promise<number> | number;
  /** Everything secret that creator and signers were given; no result, error or log may hold any of it. */
  readonly secrets: readonly string[];
  /** Credentials of calls that its errors repeated since this was asked last; absent: callers send it none. */
  readonly echoed?: () => readonly string[];
  close(): Promise<void>;
}

export interface CreatorUnderTest {
  /** As compose opens it, with export and import allowed where the backend can. Its `openSigner` gives signers that work. */
  readonly template: OpenedTemplate;
  /** What `backend` of the creator and of its signers must say. */
  readonly backend: string;
  /** A signed wire transaction's message is what its signers are given; `false`: they take any bytes as a transaction's message. */
  readonly wantsTransactions: boolean;
  /** Whether the backend finds a key by its label; `false`: the reference is the key, and nothing keeps it but the caller. */
  readonly keepsKeys: boolean;
  /** `destroy`, `export` and `import` that it must have. */
  readonly can: readonly ('destroy' | 'export' | 'import')[];
}

export interface RemoteCreatorUnderTest extends CreatorUnderTest {
  readonly service: CreatorService;
  /** Ways of misbehaving that this service cannot show, with a reason each. */
  readonly cannot: Readonly<Partial<Record<CreatorMisbehaviour, string>>>;
}
