// Owns what the tests of a remote signer bring to the suite that all of them must pass (remote-signer-conformance.ts).
import type { Signer } from '../../signers/signer.ts';
import type { SignerMisbehaviour } from '../fakes/misbehaviour.ts';

/** A fake of the service, or a real one behind something that can misbehave for it. */
export interface RemoteService {
  /**
   * The next `times` calls that ask for a signature go wrong so; `Infinity` until it is called again. `null`: none any more. While the
   * service is `away` or takes the credentials for wrong, every call goes wrong, those of a check too.
   */
  misbehave(how: SignerMisbehaviour | null, times?: number): Promise<void> | void;
  /** Calls that asked for a signature and reached the service, refused ones too. */
  readonly signCalls: () => number;
  /** Signatures that it made. */
  readonly signatures: () => number;
  /** Everything secret that the signer was given; no result, error or log may hold any of it. */
  readonly secrets: readonly string[];
  /** Credentials of calls that its errors repeated since this was asked last; absent: callers send it none. */
  readonly echoed?: () => readonly string[];
  close(): Promise<void>;
}

export interface RemoteSignerUnderTest {
  /** One attempt a call: as the backend's own module makes it, without the guard. */
  readonly signer: Signer;
  readonly service: RemoteService;
  /** What `backend` must say. */
  readonly backend: string;
  /** Base58 address of the key, known by another way than by asking the signer. */
  readonly address: string;
  /** What a service that is `rate_limited` here asks to wait; absent: it does not say. */
  readonly retryAfterMs?: number;
  /** A signed wire transaction's message is what this backend is given; `false`: it takes any bytes as a transaction's message. */
  readonly wantsTransactions: boolean;
  /** Ways of misbehaving that this service cannot show, with a reason each. */
  readonly cannot: Readonly<Partial<Record<SignerMisbehaviour, string>>>;
}

/** `describeRemoteSigner(name, open)` runs the suite; `open` gives a service and a signer of its own each time. */
export type OpenRemoteSigner = () => Promise<RemoteSignerUnderTest>;
