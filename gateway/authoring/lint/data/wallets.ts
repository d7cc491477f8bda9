// Owns what checks ask of policy data: its wallets with their enabled rules, and its list of assets.
import { basename } from 'node:path';
import type { Place } from '../../rego/syntax-tree.ts';
import type { DataEntry, DataFile, DataNode } from './data-file.ts';

export interface WalletData {
  /** `trader, wallet treasury`, for sentences. */
  readonly name: string;
  readonly settings: ReadonlyMap<string, DataEntry>;
  /** For transactions and for messages. */
  readonly enabled: ReadonlySet<string>;
}

/** A file holds one agent (`wallets`), or several under `agents`. */
export function* walletsIn(files: readonly DataFile[]): Generator<WalletData> {
  for (const { file, root } of files) {
    const agents = member(root, 'agents');
    if (agents?.kind === 'object') {
      for (const [agent, { value }] of agents.entries) yield* walletsOf(agent, value);
    } else {
      yield* walletsOf(basename(file).replace(/\.\w+$/, ''), root);
    }
  }
}

function* walletsOf(agent: string, node: DataNode): Generator<WalletData> {
  const wallets = member(node, 'wallets');
  if (wallets?.kind !== 'object') return;
  for (const [wallet, { value }] of wallets.entries) {
    if (value.kind !== 'object') continue;
    const enabled = ['enabled', 'enabled_for_messages'].flatMap((key) => textsIn(member(value, key)));
    yield {
      name: `agent ${agent}, wallet ${wallet}`,
      settings: value.entries,
      enabled: new Set(enabled.map(({ text }) => text)),
    };
  }
}

export function member(node: DataNode | null, name: string): DataNode | null {
  return node?.kind === 'object' ? (node.entries.get(name)?.value ?? null) : null;
}

export function entriesOf(node: DataNode | null): readonly (readonly [string, DataEntry])[] {
  return node?.kind === 'object' ? [...node.entries] : [];
}

export function textsIn(node: DataNode | null): readonly { readonly text: string; readonly at: Place }[] {
  if (node?.kind !== 'list') return [];
  return node.items.flatMap((item) => (item.kind === 'text' ? [{ text: item.value, at: item.at }] : []));
}

/** Every key and every text of a node. */
export function* wordsIn(node: DataNode): Generator<string> {
  switch (node.kind) {
    case 'text':
      yield node.value;
      return;
    case 'list':
      for (const item of node.items) yield* wordsIn(item);
      return;
    case 'object':
      for (const [key, { value }] of node.entries) {
        yield key;
        yield* wordsIn(value);
      }
      return;
    case 'number':
    case 'other':
      return;
  }
}

export function isAssetsFile({ file }: DataFile): boolean {
  return /^assets\.(json|ya?ml)$/.test(basename(file));
}
