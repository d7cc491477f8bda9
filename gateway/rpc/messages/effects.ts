// Owns how the effects of a transaction look on the wire. A fact that is not known is empty or absent there.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AssetAmountSchema,
  EffectsSchema,
  MissingFactSchema,
  TransferSchema,
} from '../../../proto/gen/countersign/v1/transaction_pb.ts';
import type { AssetTotal, Effects, MissingFact, Transfer } from '../../core/effects/effects.ts';

export function effectsMessage(effects: Effects): MessageInitShape<typeof EffectsSchema> {
  const { payer, baseLamports, priorityLamports, totalLamports } = effects.fee;
  return {
    transfers: effects.transfers.map(transferMessage),
    outflows: effects.outflows.map(amountMessage),
    inflows: effects.inflows.map(amountMessage),
    fee: {
      payer,
      baseLamports: baseLamports.toString(),
      priorityLamports: priorityLamports.toString(),
      totalLamports: totalLamports.toString(),
    },
    rentLamports: effects.rentLamports.toString(),
    approvals: effects.approvals.map(({ instruction, account, owner, delegate, asset, amount }) => ({
      instruction,
      account,
      owner,
      delegate,
      asset: asset ?? '',
      amount: amount.toString(),
    })),
    authorityChanges: effects.authorityChanges.map(({ instruction, kind, account, from, to }) => ({
      instruction,
      kind,
      account,
      from: from ?? '',
      to: to ?? '',
    })),
    closes: effects.closes.map(({ instruction, account, owner, destination }) => ({
      instruction,
      account,
      owner,
      destination,
    })),
    missing: effects.missing.map(missingMessage),
  };
}

function transferMessage(transfer: Transfer): MessageInitShape<typeof TransferSchema> {
  const { instruction, asset, amount, decimals, source, sourceOwner, destination, recipient } = transfer;
  return {
    instruction,
    asset,
    amount: amount.toString(),
    ...(decimals === null ? {} : { decimals }),
    source,
    sourceOwner: sourceOwner ?? '',
    destination,
    recipient: recipient ?? '',
  };
}

function amountMessage({ asset, amount, decimals }: AssetTotal): MessageInitShape<typeof AssetAmountSchema> {
  return { asset, amount: amount.toString(), ...(decimals === null ? {} : { decimals }) };
}

function missingMessage({ fact, instruction, detail }: MissingFact): MessageInitShape<typeof MissingFactSchema> {
  return { fact, detail, ...(instruction === null ? {} : { instruction }) };
}
