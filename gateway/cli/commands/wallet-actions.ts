// Owns `countersign wallets destroy`, `export` and `import`, each of which proposes what it is told, or carries it out once it is agreed; and
// `key-destroyed`, by which an admin says what was done by hand.
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import { AdminService, FreezeScope } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import { type ManagedWallet, type WalletProposal, WalletService } from '../../../proto/gen/countersign/v1/wallet_pb.ts';
import { printable } from '../../core/explanation/printable.ts';
import type { Connection } from '../connection.ts';
import { type CliContext, type ConnectOptions, connectOptions } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { agreedProposal } from '../wallets/agreed-proposal.ts';
import { keyFateText } from '../wallets/key-fate-text.ts';
import { mustBeFree, readKeyFile, writeOnce } from '../wallets/key-file.ts';

const { method } = WalletService;

interface ReasonOptions extends ConnectOptions {
  readonly reason: string;
}

interface ExportOptions extends ReasonOptions {
  readonly recipient: string;
  readonly out: string;
}

interface ImportOptions extends ReasonOptions {
  readonly template: string;
  readonly from: string;
}

const ONCE_AGREED = 'proposes it, and carries it out once enough admins voted for it';

export function addWalletActions(wallets: Command, context: CliContext): void {
  const { terminal } = context;
  connectOptions(wallets.command('destroy'))
    .description(`sign nothing for a wallet any more, for good, and destroy its key; ${ONCE_AGREED}`)
    .argument('<wallet>', 'one that was made through the gateway, and is frozen, or was never finished')
    .requiredOption('--reason <text>', 'shown to whoever votes')
    .action((wallet: string, options: ReasonOptions) =>
      context.withGateway(options, (gateway) => destroy(gateway, terminal, wallet, options)),
    );
  connectOptions(wallets.command('key-destroyed'))
    .description(
      'note that the key of a destroyed wallet was destroyed by hand; it is on record as said by you, and stands',
    )
    .argument('<wallet>', 'one whose key the gateway does not destroy, or does not know')
    .requiredOption('--reason <text>', 'how it was destroyed, and who saw it')
    .action((wallet: string, options: ReasonOptions) =>
      context.withGateway(options, (gateway) => noteDestroyed(gateway, terminal, wallet, options)),
    );
  connectOptions(wallets.command('export'))
    .description(`have the key of a wallet, encrypted by age; ${ONCE_AGREED}`)
    .argument('<wallet>', 'one that was made through the gateway')
    .requiredOption('--recipient <age1…>', 'who alone can decrypt it')
    .requiredOption('--out <file>', 'a new file for what is encrypted, which only its owner can read')
    .requiredOption('--reason <text>', 'shown to whoever votes')
    .action((wallet: string, options: ExportOptions) =>
      context.withGateway(options, (gateway) => exportKey(gateway, terminal, wallet, options)),
    );
  connectOptions(wallets.command('import'))
    .description(`make a wallet of a key that is there already; ${ONCE_AGREED}`)
    .argument('<wallet>', 'id of the new wallet')
    .requiredOption('--template <name>', 'where it is kept: one of the configuration')
    .requiredOption('--from <file>', 'key file of the Solana CLI; it is sent only once all is agreed')
    .requiredOption('--reason <text>', 'shown to whoever votes')
    .action((wallet: string, options: ImportOptions) =>
      context.withGateway(options, (gateway) => importKey(gateway, terminal, wallet, options)),
    );
}

async function destroy(
  gateway: Connection,
  terminal: Terminal,
  wallet: string,
  { reason }: ReasonOptions,
): Promise<ExitCode> {
  const proposal =
    (await destroyedBefore(gateway, wallet)) ??
    (await agreedProposal(gateway, terminal, {
      wallet,
      reason,
      action: { case: 'destroy', value: {} },
      isThis: ({ action }) => action.case === 'destroy',
      before: () => freezeFirst(gateway, wallet),
    }));
  if (proposal === null) return 0;
  const { wallet: destroyed, keyProblem } = await gateway.unary(method.destroyWallet, {
    proposalId: proposal.proposalId,
  });
  await terminal.print(`destroyed: ${named(destroyed)}; nothing is signed for it any more, by any gateway`);
  if (keyProblem !== '') {
    terminal.warn(`countersign: NOT DONE: ${printable(keyProblem)}`);
    terminal.warn(
      `once you have destroyed it by hand: countersign wallets key-destroyed ${printable(wallet)} --reason TEXT`,
    );
    return 1;
  }
  await terminal.print(keyText(destroyed));
  return 0;
}

async function freezeFirst(gateway: Connection, wallet: string): Promise<readonly string[]> {
  const { freezes } = await gateway.unary(AdminService.method.listFreezes, {});
  if (freezes.some(({ scope, target }) => scope === FreezeScope.WALLET && target === wallet)) {
    return ['it is frozen, and must be so still by then'];
  }
  return [
    'it must be frozen by then, unless it was never finished:',
    `  countersign freeze wallet ${printable(wallet)} --reason TEXT`,
  ];
}

const nothingBefore = async (): Promise<readonly string[]> => [];

async function noteDestroyed(
  gateway: Connection,
  terminal: Terminal,
  wallet: string,
  { reason }: ReasonOptions,
): Promise<ExitCode> {
  const { wallet: noted } = await gateway.unary(method.noteKeyDestroyed, { wallet, reason });
  await terminal.print(`noted: ${named(noted)}; ${keyText(noted)}`);
  return 0;
}

function keyText(wallet: ManagedWallet | undefined): string {
  if (wallet === undefined) throw new Error('the gateway answered without the wallet');
  return printable(keyFateText(wallet) ?? 'its key: destroyed');
}

/** By whomever it was carried out: the key may still be there, and any admin may see to it. */
async function destroyedBefore(gateway: Connection, wallet: string): Promise<WalletProposal | null> {
  const { proposals } = await gateway.unary(method.listWalletProposals, { includeClosed: true });
  const found = proposals.find(
    (each) => each.wallet === wallet && each.action.case === 'destroy' && each.carryOutTime !== undefined,
  );
  return found ?? null;
}

async function exportKey(
  gateway: Connection,
  terminal: Terminal,
  wallet: string,
  options: ExportOptions,
): Promise<ExitCode> {
  const { recipient, out, reason } = options;
  mustBeFree(out);
  const isThis = ({ action }: WalletProposal) => action.case === 'exportKey' && action.value.recipient === recipient;
  const proposal =
    (await exportedBefore(gateway, terminal, wallet, isThis)) ??
    (await agreedProposal(gateway, terminal, {
      ...{ wallet, reason, isThis, before: nothingBefore },
      action: { case: 'exportKey', value: { recipient } },
    }));
  if (proposal === null) return 0;
  let exported: ManagedWallet | undefined;
  await writeOnce(out, async () => {
    const answer = await gateway.unary(method.exportWallet, { proposalId: proposal.proposalId });
    exported = answer.wallet;
    return answer.encryptedKey;
  });
  const lines = [
    `exported: the key of ${named(exported)} is in ${printable(out)}, encrypted to ${printable(recipient)}`,
    'who has the identity of that recipient reads it as a key file of the Solana CLI:',
    `  age --decrypt --identity IDENTITY-FILE ${printable(out)} > key.json`,
    'whoever holds the key signs with it past every policy, budget and record of this gateway: move what the wallet holds, or destroy it',
  ];
  for (const line of lines) await terminal.print(line);
  return 0;
}

/** By the caller, whose answer may have been lost: it can be had again until the proposal expires. */
async function exportedBefore(
  gateway: Connection,
  terminal: Terminal,
  wallet: string,
  isThis: (proposal: WalletProposal) => boolean,
): Promise<WalletProposal | null> {
  const { proposals, caller } = await gateway.unary(method.listWalletProposals, { includeClosed: true });
  const found = proposals.find((each) => {
    const { proposedBy, carryOutTime, expireTime } = each;
    if (each.wallet !== wallet || !isThis(each) || proposedBy !== caller || carryOutTime === undefined) return false;
    return expireTime !== undefined && timestampDate(expireTime).getTime() > terminal.now();
  });
  return found ?? null;
}

async function importKey(
  gateway: Connection,
  terminal: Terminal,
  wallet: string,
  options: ImportOptions,
): Promise<ExitCode> {
  const { template, from, reason } = options;
  const { address, privateKey } = readKeyFile(from);
  try {
    const proposal = await agreedProposal(gateway, terminal, {
      wallet,
      reason,
      action: { case: 'importKey', value: { template, address } },
      isThis: ({ action }) =>
        action.case === 'importKey' && action.value.template === template && action.value.address === address,
      before: nothingBefore,
    });
    if (proposal === null) return 0;
    const { proposalId } = proposal;
    const { wallet: imported } = await gateway.unary(method.importWallet, { proposalId, privateKey });
    const lines = [
      `imported: ${named(imported)}, by the template ${printable(template)}`,
      `${printable(from)} still holds the key: whoever reads it signs past the gateway`,
    ];
    for (const line of lines) await terminal.print(line);
    return 0;
  } finally {
    privateKey.fill(0);
  }
}

function named(wallet: ManagedWallet | undefined): string {
  if (wallet === undefined) throw new Error('the gateway answered without the wallet');
  return `${printable(wallet.wallet)} (${wallet.address === '' ? 'never finished' : printable(wallet.address)})`;
}
