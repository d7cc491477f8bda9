// Owns which program's instructions have their effects in which table.

import { CONFIG_EFFECTS } from './config-effects.ts';
import { FEATURE_GATE_EFFECTS } from './feature-gate-effects.ts';
import { LIGHTHOUSE_EFFECTS } from './guarantees/lighthouse-effects.ts';
import { type EffectTable, nothing } from './instruction-effect.ts';
import { LOADER_V3_EFFECTS } from './loader/loader-v3-effects.ts';
import { LOADER_V2_EFFECTS, LOADER_V4_EFFECTS } from './loader/loader-v4-effects.ts';
import { LOOKUP_TABLE_EFFECTS } from './lookup-table/lookup-table-effects.ts';
import { STAKE_EFFECTS } from './stake/stake-effects.ts';
import { SYSTEM_EFFECTS } from './system/system-effects.ts';
import { ASSOCIATED_TOKEN_EFFECTS } from './token/associated-token-effects.ts';
import { TOKEN_2022_EFFECTS } from './token/token-2022-effects.ts';
import { TOKEN_EFFECTS } from './token/token-effects.ts';
import { VOTE_EFFECTS } from './vote-effects.ts';

const COMPUTE_BUDGET_EFFECTS: EffectTable = {
  request_heap_frame: nothing('none'),
  set_compute_unit_limit: nothing('with the price, the priority fee: `fee`'),
  set_compute_unit_price: nothing('with the limit, the priority fee: `fee`'),
  set_loaded_accounts_data_size_limit: nothing('none'),
};

const MEMO_EFFECTS: EffectTable = { add_memo: nothing('none; its text stands in `texts`') };

const PRECOMPILE_EFFECTS: EffectTable = {
  verify_signatures: nothing('none; each signature costs as much as one of the transaction: `fee`'),
};

/** By the name of the program. A batch is in none: its parts are followed one by one. */
export const EFFECT_TABLES: ReadonlyMap<string, EffectTable> = new Map<string, EffectTable>([
  ['system', SYSTEM_EFFECTS],
  ['spl_token', TOKEN_EFFECTS],
  ['token_2022', TOKEN_2022_EFFECTS],
  ['associated_token_account', ASSOCIATED_TOKEN_EFFECTS],
  ['compute_budget', COMPUTE_BUDGET_EFFECTS],
  ['memo', MEMO_EFFECTS],
  ['stake', STAKE_EFFECTS],
  ['vote', VOTE_EFFECTS],
  ['address_lookup_table', LOOKUP_TABLE_EFFECTS],
  ['config', CONFIG_EFFECTS],
  ['feature_gate', FEATURE_GATE_EFFECTS],
  ['loader_v1', LOADER_V2_EFFECTS],
  ['loader_v2', LOADER_V2_EFFECTS],
  ['loader_v3', LOADER_V3_EFFECTS],
  ['loader_v4', LOADER_V4_EFFECTS],
  ['ed25519', PRECOMPILE_EFFECTS],
  ['secp256k1', PRECOMPILE_EFFECTS],
  ['secp256r1', PRECOMPILE_EFFECTS],
  ['lighthouse', LIGHTHOUSE_EFFECTS],
]);
