// Owns which tests attack what: the classes of attack, each with the files that hold its cases. A case belongs to a class by the tag
// in the title of a `describe` around it, such as `[3 CPI]`; the honest transaction beside an attack has a title with `twin:`.

export interface AttackClass {
  readonly number: number;
  readonly name: string;
  /** In this folder. */
  readonly files: readonly string[];
}

export const ATTACK_CLASSES: readonly AttackClass[] = [
  { number: 1, name: 'parser', files: ['parser.test.ts'] },
  { number: 2, name: 'lookup tables', files: ['lookup-tables.test.ts', 'sponsor.test.ts'] },
  { number: 3, name: 'CPI', files: ['cpi.test.ts'] },
  { number: 4, name: 'control', files: ['control.test.ts', 'sponsor.test.ts'] },
  { number: 5, name: 'side doors', files: ['side-doors.test.ts', 'sponsor.test.ts'] },
  { number: 6, name: 'signers', files: ['signers.test.ts'] },
  { number: 7, name: 'rent and closes', files: ['rent-and-closes.test.ts', 'sponsor.test.ts'] },
  { number: 8, name: 'netting', files: ['outflow.test.ts'] },
  { number: 9, name: 'fees', files: ['fees.test.ts', 'sponsor.test.ts'] },
  { number: 10, name: 'time', files: ['time.test.ts'] },
  { number: 11, name: 'changed messages', files: ['faithless-backends.test.ts'] },
  { number: 12, name: 'numbers', files: ['amounts.test.ts', 'vacuous-data.test.ts'] },
  { number: 13, name: 'first match', files: ['amounts.test.ts'] },
  { number: 14, name: 'races', files: ['approvals.test.ts', 'ownership.test.ts', 'token-2022.test.ts'] },
  { number: 15, name: 'other doors', files: ['message-attacks.test.ts', 'other-doors.test.ts'] },
  {
    number: 16,
    name: 'identity',
    files: ['approval-seats.test.ts', 'approvals.test.ts', 'message-attacks.test.ts', 'other-doors.test.ts'],
  },
  {
    number: 17,
    name: 'vacuous rules',
    files: ['missing-facts.test.ts', 'vacuous-data.test.ts', 'vacuous-rules.test.ts'],
  },
  { number: 18, name: 'bytes', files: ['edge-bytes.test.ts', 'message-bytes.test.ts'] },
  { number: 19, name: 'Token-2022', files: ['token-2022.test.ts'] },
  { number: 20, name: 'lookalikes', files: ['lookalikes.test.ts'] },
];

/** `[3 CPI]` */
export function tagOf({ number, name }: Pick<AttackClass, 'number' | 'name'>): string {
  return `[${number} ${name}]`;
}
