// Owns the checks of policy data: what is set and never used, and what lets more pass than it seems.
import { entriesOf, isAssetsFile, member, textsIn, walletsIn, wordsIn } from '../data/wallets.ts';
import type { Check } from '../finding.ts';
import { placeOf, rulePackages } from '../over-packages.ts';

const FILE = 'data/agents/trader.yaml';

/** One wallet with these settings, each a line of YAML. */
function wallet(...lines: readonly string[]): string {
  return `wallets:\n  treasury:\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

export const settingsUnused: Check = {
  code: 'settings-unused',
  level: 'warning',
  title: 'Settings of a rule that the wallet does not enable',
  why: 'the limit that stands there limits nothing: people read it and believe that it holds',
  fix: 'name the rule in enabled (or enabled_for_messages), or take the settings out',
  example: {
    bad: {
      [FILE]: wallet('enabled: [fee_limit]', 'fee_limit: {max_fee_lamports: 10000}', 'rate_limit: {per_window: []}'),
    },
    good: { [FILE]: wallet('enabled: [fee_limit]', 'fee_limit: {max_fee_lamports: 10000}') },
  },
  *find({ data }) {
    for (const { name, settings, enabled } of walletsIn(data)) {
      for (const [rule, { keyAt, value }] of settings) {
        if (value.kind !== 'object' || enabled.has(rule)) continue;
        yield { at: keyAt, what: `${name} has settings of ${rule}, which it does not enable` };
      }
    }
  },
};

export const ruleNeverEnabled: Check = {
  code: 'rule-never-enabled',
  level: 'warning',
  title: 'A rule that no wallet enables',
  why: 'a rule that is not enabled judges nothing: what it should stop passes',
  fix: 'name it in enabled of the wallets that it should hold for, or take it out',
  example: {
    bad: {
      'rules/example/example.rego':
        'package countersign.rules.example\n\ndefault verdict := {"decision": "deny", "reasons": []}\n',
      [FILE]: wallet('enabled: [fee_limit]'),
    },
    good: {
      'rules/example/example.rego':
        'package countersign.rules.example\n\ndefault verdict := {"decision": "deny", "reasons": []}\n',
      [FILE]: wallet('enabled: [fee_limit, example]'),
    },
  },
  *find(subject) {
    const wallets = [...walletsIn(subject.data)];
    if (wallets.length === 0) return;
    for (const one of rulePackages(subject)) {
      const { rule } = one;
      const at = placeOf(one);
      if (rule === null || at === null || wallets.some(({ enabled }) => enabled.has(rule))) continue;
      yield { at, what: `no wallet enables rule ${rule}` };
    }
  },
};

export const assetUnused: Check = {
  code: 'asset-unused',
  level: 'warning',
  title: 'An asset that no setting uses',
  why: 'it was meant to be limited or allowed, and is not; or its name is written otherwise where it is',
  fix: 'use its symbol in the settings, or take it out of the list of assets',
  example: {
    bad: {
      'data/assets.yaml': 'USDC: {mint: EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v, decimals: 6}\n',
      [FILE]: wallet('enabled: [spending_limit]', 'spending_limit: {per_transaction: {SOL: 1000}}'),
    },
    good: {
      'data/assets.yaml': 'USDC: {mint: EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v, decimals: 6}\n',
      [FILE]: wallet('enabled: [spending_limit]', 'spending_limit: {per_transaction: {USDC: "250 USDC"}}'),
    },
  },
  *find({ data }) {
    const others = data.filter((file) => !isAssetsFile(file));
    const words = new Set(
      others.flatMap(({ root }) => [...wordsIn(root)]).flatMap((text) => [text, text.split(' ').at(-1)]),
    );
    for (const { root } of data.filter(isAssetsFile)) {
      for (const [symbol, { keyAt, value }] of entriesOf(member(root, 'assets') ?? root)) {
        const mint = member(value, 'mint');
        if (words.has(symbol) || (mint?.kind === 'text' && words.has(mint.value))) continue;
        yield { at: keyAt, what: `no setting uses ${symbol}` };
      }
    }
  },
};

export const windowWithoutAsset: Check = {
  code: 'window-without-asset',
  level: 'warning',
  title: 'Limits over time that leave an asset out',
  why: 'a limit per transaction stops no drain by many transactions, and a limit over time of an asset that may not leave at all limits nothing',
  fix: 'name the same assets under per_transaction and per_window',
  example: {
    bad: {
      [FILE]: wallet(
        'enabled: [spending_limit]',
        'spending_limit:',
        '  per_transaction: {SOL: 1000, USDC: 1000}',
        '  per_window: {SOL: [{max: 5000, rolling_seconds: 3600}]}',
      ),
    },
    good: {
      [FILE]: wallet(
        'enabled: [spending_limit]',
        'spending_limit:',
        '  per_transaction: {SOL: 1000}',
        '  per_window: {SOL: [{max: 5000, rolling_seconds: 3600}]}',
      ),
    },
  },
  *find({ data }) {
    for (const { name, settings } of walletsIn(data)) {
      const limit = settings.get('spending_limit')?.value ?? null;
      const single = entriesOf(member(limit, 'per_transaction'));
      const windows = entriesOf(member(limit, 'per_window'));
      if (windows.length === 0) continue;
      for (const [asset, { keyAt }] of single.filter(([asset]) => !windows.some(([other]) => other === asset))) {
        yield { at: keyAt, what: `${name}: ${asset} may leave without a limit over time` };
      }
      for (const [asset, { keyAt }] of windows.filter(([asset]) => !single.some(([other]) => other === asset))) {
        yield { at: keyAt, what: `${name}: ${asset} has a limit over time and may not leave at all` };
      }
    }
  },
};

export const everyInstructionUnseen: Check = {
  code: 'every-instruction-unseen',
  level: 'warning',
  title: 'All instructions of a program whose effects may be unknown',
  why: 'with `*` or `unknown` and unknown_effects the program may do anything that the wallet may do: its next version too',
  fix: 'name the instructions one by one, and give the bundle an IDL of the program',
  example: {
    bad: {
      [FILE]: wallet(
        'enabled: [program_allowlist]',
        'program_allowlist:',
        '  programs:',
        '    JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4:',
        '      instructions: ["*"]',
        '      unknown_effects: simulated_but_not_guaranteed',
      ),
    },
    good: {
      [FILE]: wallet(
        'enabled: [program_allowlist]',
        'program_allowlist:',
        '  programs:',
        '    JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4:',
        '      instructions: [route]',
        '      unknown_effects: simulated_but_not_guaranteed',
      ),
    },
  },
  *find({ data }) {
    for (const { name, settings } of walletsIn(data)) {
      const programs = member(settings.get('program_allowlist')?.value ?? null, 'programs');
      for (const [program, { value }] of entriesOf(programs)) {
        if (member(value, 'unknown_effects') === null) continue;
        for (const { text, at } of textsIn(member(value, 'instructions'))) {
          if (text === '*' || text === 'unknown')
            yield { at, what: `${name}: ${text} of ${program}, with unknown effects` };
        }
      }
    }
  },
};

export const guardWaived: Check = {
  code: 'guard-waived',
  level: 'warning',
  title: 'A guard of the library that is waived',
  why: 'everything of its kind passes unnamed: recipients, programs, amounts, fees or authorities',
  fix: 'enable the rule with settings that name what is wanted; keep the waiver only where another rule judges the same',
  example: {
    bad: { [FILE]: wallet('enabled: [spending_limit]', 'waived: [address_allowlist]') },
    good: { [FILE]: wallet('enabled: [spending_limit, address_allowlist]', 'address_allowlist: {recipients: {}}') },
  },
  *find({ data }) {
    for (const { name, settings } of walletsIn(data)) {
      for (const { text, at } of textsIn(settings.get('waived')?.value ?? null))
        yield { at, what: `${name} waives ${text}` };
    }
  },
};

export const DATA_CHECKS: readonly Check[] = [
  settingsUnused,
  ruleNeverEnabled,
  assetUnused,
  windowWithoutAsset,
  everyInstructionUnseen,
  guardWaived,
];
