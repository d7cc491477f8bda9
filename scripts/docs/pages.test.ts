import { describe, expect, it } from 'vitest';
import { NATIVE_PROGRAMS } from '../../gateway/core/transaction/programs/decode-instruction.ts';
import { apiPage } from './api-page.ts';
import { configurationPage } from './configuration-page.ts';
import { decodingPage } from './decoding-page.ts';

/** Names that a browser gives to the headings of a page. */
function anchors(page: string): readonly string[] {
  const headings = page.split('\n').filter((line) => line.startsWith('#'));
  return headings.map((line) =>
    line
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^a-z0-9_ -]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the API page', () => {
  const page = apiPage();

  it('links only to headings that it has, each once', () => {
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, name]) => name);
    const known = anchors(page);
    expect(links.filter((name) => name === undefined || !known.includes(name))).toEqual([]);
    expect(known.length).toBe(new Set(known).size);
  });

  it('says what the .proto files say', () => {
    expect(page).toContain('### SigningService.WatchTransaction');
    expect(page).toContain('→ stream of [WatchTransactionResponse](#watchtransactionresponse)');
    expect(page).toContain('| `context` | map from `string` to `string` | What the agent says of its intent.');
    expect(page).toContain('| `denied` | [Denial](#denial) | One of `outcome`.');
    expect(page).toContain('| `WAIT_FOR_UNSPECIFIED` | 0 | Refused: say what to wait for. |');
  });
});

describe('the decoding page', () => {
  const page = decodingPage();

  it('has every program with its addresses, and every instruction with its effects', () => {
    for (const { name, addresses, instructions } of NATIVE_PROGRAMS) {
      expect(page).toContain(`## ${name}\n`);
      for (const address of addresses) expect(page).toContain(address);
      for (const instruction of Object.keys(instructions)) expect(page).toContain(`\`${instruction}\` |`);
    }
    expect(page).not.toContain('undefined');
  });

  it('says opcode, roles, arguments, free text and effect of an instruction', () => {
    expect(page).toContain(
      '| 4 | `approve` | `source` `delegate` `owner` `multisig_signer_…` | `amount` | lets a delegate take tokens later: `approvals` |',
    );
    expect(page).toContain(
      '`payer` `new_account` `[base_account]` | `base` `seed` *text* `lamports` `space` `program`',
    );
    expect(page).toContain('| 255 | `batch` | `part_…` |  | those of its parts, one after the other |');
  });
});

describe('the configuration page', () => {
  it('has every kind of key, with bounds, default and variable', () => {
    const page = configurationPage('example: 1');
    expect(page).toContain('```yaml\nexample: 1\n```');
    expect(page).toContain('| `limits.max_in_flight` | 1 to 100000 | `2048` |');
    expect(page).toContain('`COUNTERSIGN_LIMITS_MAX_IN_FLIGHT`');
    expect(page).toContain('Entries with `type: local-keypair`:');
    expect(page).toContain('| `signers[].name` | text | required | What wallets call it. |');
    expect(page).toContain('| `shutdown_grace_ms` | 0 to 600000 | `10000` |');
  });
});
