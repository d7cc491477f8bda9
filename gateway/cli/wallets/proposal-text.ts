// Owns what a person reads of a proposal about a wallet.
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { WalletProposal } from '../../../proto/gen/countersign/v1/wallet_pb.ts';
import { printable } from '../../core/explanation/printable.ts';

export function actionText({ wallet, action }: Pick<WalletProposal, 'wallet' | 'action'>): string {
  const name = printable(wallet);
  switch (action.case) {
    case 'destroy':
      return `destroy ${name}`;
    case 'exportKey':
      return `export the key of ${name} to ${printable(action.value.recipient)}`;
    case 'importKey':
      return `import the key of ${printable(action.value.address)} as ${name}, by the template ${printable(action.value.template)}`;
    case undefined:
      return `do something with ${name} that this version does not know`;
  }
}

/** The command by which who proposed it carries it out. */
export function commandText({ wallet, action }: Pick<WalletProposal, 'wallet' | 'action'>): string {
  const name = printable(wallet);
  switch (action.case) {
    case 'exportKey':
      return `countersign wallets export ${name} --recipient ${printable(action.value.recipient)} --out FILE --reason TEXT`;
    case 'importKey':
      return `countersign wallets import ${name} --template ${printable(action.value.template)} --from FILE --reason TEXT`;
    default:
      return `countersign wallets destroy ${name} --reason TEXT`;
  }
}

/** Votes that count now. */
export function countOf({ votes }: Pick<WalletProposal, 'votes'>): number {
  return votes.filter(({ counts }) => counts).length;
}

export function timeText(time: WalletProposal['expireTime']): string {
  return time === undefined ? 'a time that is NOT KNOWN' : timestampDate(time).toISOString();
}
