// Owns the points at which a test kills a gateway, and what must become of the request there: crash.test.ts holds gateways to it, and
// docs/crashes.md is written from it.

/** What becomes of a request that was cut off. */
export type Fate = 'unrecorded' | 'interrupted' | 'landed' | 'failed' | 'expired';

/** How the request came to the point. */
export type Errand =
  /** SignAndSendTransaction, within every limit. */
  | 'send'
  /** SignTransaction, of which the agent never gets an answer. */
  | 'sign'
  /** SignTransaction, sent by the agent, and executed with an error. */
  | 'sign and fail'
  /** An amount that people must approve. */
  | 'approved'
  /** More than a limit, which people let through. */
  | 'approved excess'
  /** As `send`; operators freeze the agent while the signer works. */
  | 'frozen';

interface CrashCase {
  readonly errand: Errand;
  readonly fate: Fate;
  /** Who is killed: the gateway that is asked, or the one whose tracker carries the request on later. */
  readonly killed: 'while asked' | 'while tracking';
}

export const CRASH_CASES = {
  'before the intent is committed': { errand: 'send', fate: 'unrecorded', killed: 'while asked' },
  'after the intent is committed': { errand: 'send', fate: 'interrupted', killed: 'while asked' },
  'before the signer is called': { errand: 'send', fate: 'interrupted', killed: 'while asked' },
  'after a freeze stopped the signature, before that is recorded': {
    errand: 'frozen',
    fate: 'interrupted',
    killed: 'while asked',
  },
  'before the signature is committed': { errand: 'send', fate: 'interrupted', killed: 'while asked' },
  'after the signature is committed': { errand: 'send', fate: 'landed', killed: 'while asked' },
  'after a signature that the agent sends itself is committed': {
    errand: 'sign',
    fate: 'expired',
    killed: 'while asked',
  },
  'after the submission, before it is recorded': { errand: 'send', fate: 'landed', killed: 'while asked' },
  'after the submission is recorded': { errand: 'send', fate: 'landed', killed: 'while asked' },
  'before an approved intent is committed': { errand: 'approved', fate: 'landed', killed: 'while asked' },
  'before the intent of an approved excess is committed': {
    errand: 'approved excess',
    fate: 'landed',
    killed: 'while asked',
  },
  'after the intent of an approved excess is committed': {
    errand: 'approved excess',
    fate: 'interrupted',
    killed: 'while asked',
  },
  'after the confirmation is recorded': { errand: 'send', fate: 'landed', killed: 'while tracking' },
  'before what landed is settled': { errand: 'send', fate: 'landed', killed: 'while tracking' },
  'after what landed is settled': { errand: 'send', fate: 'landed', killed: 'while tracking' },
  'before what failed is given back': { errand: 'sign and fail', fate: 'failed', killed: 'while tracking' },
  'after what failed is given back': { errand: 'sign and fail', fate: 'failed', killed: 'while tracking' },
  'before what can never land is given back': { errand: 'sign', fate: 'expired', killed: 'while tracking' },
  'after what can never land is given back': { errand: 'sign', fate: 'expired', killed: 'while tracking' },
} as const satisfies Readonly<Record<string, CrashCase>>;

export type CrashPoint = keyof typeof CRASH_CASES;

export function isCrashPoint(text: string): text is CrashPoint {
  return Object.hasOwn(CRASH_CASES, text);
}

export const CRASH_POINTS: readonly CrashPoint[] = Object.keys(CRASH_CASES).filter(isCrashPoint);

interface FateText {
  readonly state: string;
  readonly budgets: string;
  readonly again: string;
}

/** What a fate means, for people. */
export const FATES: Readonly<Record<Fate, FateText>> = {
  unrecorded: {
    state: 'not recorded; nothing was signed',
    budgets: 'untouched',
    again: 'judged as if for the first time',
  },
  interrupted: {
    state: '`SIGNING_FAILED`; no signature left the gateway',
    budgets: 'given back',
    again: '`SIGNING_INTERRUPTED`; ask under a new key',
  },
  landed: {
    state: '`FINALIZED`; the same bytes are sent again where they must',
    budgets: 'settled',
    again: 'the same transaction',
  },
  failed: { state: '`FAILED`', budgets: 'amounts given back; fee and count settled', again: 'the same transaction' },
  expired: {
    state: '`EXPIRED`, once it provably cannot land',
    budgets: 'held until then; amounts and fee given back, the count stays',
    again: 'the same transaction',
  },
};
