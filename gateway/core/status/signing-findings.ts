// Owns what needs a person of signers, of wallets that none of them serves, of fee payers, and of relayers and wallet templates that are not open.
import { ageText, counted, type Finding, MOST_SUBJECTS, problem } from './finding.ts';

/** A signer of the answering gateway, as it was last seen. */
export interface SignerFacts {
  /** Name from the configuration. */
  readonly name: string;
  readonly backend: string;
  /** Ids of wallets that sign with it, or that it pays for. */
  readonly wallets: readonly string[];
  /** What its last check found; `null`: nothing, or it was not checked yet. */
  readonly failure: {
    /** Key of its entry in the configuration; `null`: the backend is at fault. */
    readonly field: string | null;
    readonly reason: string;
    /** Since the first check in a row that failed. */
    readonly forMs: number;
  } | null;
  /** It kept failing, and gets no calls for a while. */
  readonly isLeftAlone: boolean;
}

/** A wallet of the configuration whose key nobody knows. */
export interface UnservedFacts {
  readonly walletId: string;
  /** Which signer says what of its key. */
  readonly why: string;
}

/** A relayer or a wallet template that lacks a file or a variable since the start. */
export interface UnopenedFacts {
  /** As the answer of /readyz names it: `wallet template hot`. */
  readonly part: string;
  /** The key of its entry in the configuration, and what is wrong with it. */
  readonly why: string;
}

export interface FeePayerFacts {
  /** Name of the relayer from the configuration. */
  readonly name: string;
  readonly backend: string;
  /** `null`: nobody has told it. */
  readonly address: string | null;
  /** Name of the signer that holds its key; `null`: it is somebody else's. */
  readonly signer: string | null;
  readonly wallets: readonly string[];
}

export interface SigningFacts {
  readonly signers: readonly SignerFacts[];
  readonly unserved: readonly UnservedFacts[];
  readonly feePayers: readonly FeePayerFacts[];
  readonly unopened: readonly UnopenedFacts[];
}

export function signingFindings(facts: SigningFacts): readonly Finding[] {
  return [
    ...facts.signers.flatMap(signerFindings),
    ...unservedFindings(facts),
    ...facts.unopened.map(unopenedFinding),
    ...facts.feePayers.flatMap((feePayer) => feePayerFindings(feePayer, facts.signers)),
  ];
}

function signerFindings({ name, backend, wallets, failure, isLeftAlone }: SignerFacts): readonly Finding[] {
  const use = wallets.length === 0 ? 'no wallet uses it' : `it signs for ${namesText(wallets)}`;
  const signer = `the signer ${name} (${backend})`;
  const findings: Finding[] = [];
  if (failure !== null) {
    const { field, reason, forMs } = failure;
    const why = field === null ? reason : `${field}: ${reason}`;
    const first = field === null ? 'look at its service' : `look at ${field} of its entry in the configuration`;
    const what = `${signer} fails its check for ${ageText(forMs)}: ${why}; ${use}`;
    findings.push(problem('SIGNER_FAILING', what, `${first}; countersign signers check ${name} asks it again`, [name]));
  }
  if (isLeftAlone) {
    const what = `${signer} kept failing, and is left alone for up to 30 s at a time; ${use}`;
    const remedy = `look at its service, and at countersign signers check ${name}; one call at a time tries it again`;
    findings.push(problem('SIGNER_LEFT_ALONE', what, remedy, [name]));
  }
  return findings;
}

/** Those that lack the same together: there may be thousands. */
function unservedFindings({ unserved }: SigningFacts): readonly Finding[] {
  return [...Map.groupBy(unserved, ({ why }) => why)].map(([why, wallets]) =>
    problem(
      'WALLET_NOT_SERVED',
      `${counted(wallets.length, 'wallet')} not served by this gateway: ${why}`,
      'bring the keystore or the file back: it is looked for at each check of the signer; a variable is read at the start. Until then its agents are answered SIGNER_UNAVAILABLE',
      wallets.map(({ walletId }) => walletId),
    ),
  );
}

function unopenedFinding({ part, why }: UnopenedFacts): Finding {
  const remedy =
    'mend it: a file is looked for every second, a variable is read at the start; until then the gateway is not ready, and signs nothing that only this could send';
  return problem('NOT_OPEN', `the ${part} is not open: ${why}`, remedy, [part]);
}

function feePayerFindings(feePayer: FeePayerFacts, signers: readonly SignerFacts[]): readonly Finding[] {
  const { name, backend, address, wallets } = feePayer;
  const signer = signers.find((each) => each.name === feePayer.signer);
  const why = unableText(address, signer);
  if (why === null) return [];
  const what = `the fee payer of ${name} (${backend}) cannot pay: ${why}; it pays for ${namesText(wallets)}`;
  const ask = `countersign relayers check ${name} asks it again`;
  const remedy = signer === undefined ? ask : `mend its signer: countersign signers check ${signer.name}; ${ask}`;
  return [problem('FEE_PAYER_CANNOT_PAY', what, remedy, [name])];
}

/** `null`: nothing is known to keep it from paying. */
function unableText(address: string | null, signer: SignerFacts | undefined): string | null {
  if (signer !== undefined && signer.failure !== null)
    return `its signer ${signer.name} fails: ${signer.failure.reason}`;
  if (signer?.isLeftAlone) return `its signer ${signer.name} is left alone`;
  return address === null ? 'its address is not known' : null;
}

function namesText(names: readonly string[]): string {
  if (names.length === 0) return 'no wallet';
  const more = names.length - MOST_SUBJECTS;
  return `${names.slice(0, MOST_SUBJECTS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
