// Owns docs/decoding.md: every program and instruction that the gateway decodes, written from the decoders and effects themselves.
import { EFFECT_TABLES } from '../../gateway/core/effects/effect-tables.ts';
import { NATIVE_PROGRAMS } from '../../gateway/core/transaction/programs/decode-instruction.ts';
import type { InstructionLayout, NativeProgram } from '../../gateway/core/transaction/programs/instruction-table.ts';

const INTRODUCTION = `# What the gateway decodes

Written from the decoders by \`make generate\`; do not edit it.

Every instruction of these programs is read by a decoder of the gateway, so that what it does is known from the signed bytes and the
state of the chain. An instruction that is not here is \`described\` where the policy bundle has an IDL for its program, and
\`unknown\` else; so is one of these with another opcode, with data that are too short or with too few accounts. What such an
instruction does stands in \`effects.missing\`, which denies ([policies.md](policies.md)).

Data and accounts beyond those that are named are kept: the programs execute such instructions. Accounts in brackets may be left
out; those with \`…\` may follow in any number, and are numbered from 0. Arguments that are marked *text* are anybody's words: they
stand in \`texts\`, where no rule matches on them.
`;

export function decodingPage(): string {
  return `${INTRODUCTION}\n${contents()}\n${NATIVE_PROGRAMS.map(programSection).join('\n')}`;
}

function contents(): string {
  const rows = NATIVE_PROGRAMS.map(({ name, addresses, instructions }) => {
    const count = Object.keys(instructions).length;
    return `| [\`${name}\`](#${name}) | ${addresses.map((address) => `\`${address}\``).join('<br>')} | ${count} |`;
  });
  return ['| Program | Addresses | Instructions |', '|---|---|---|', ...rows, ''].join('\n');
}

function programSection(program: NativeProgram): string {
  const rows = Object.entries(program.instructions).map(([name, layout]) => {
    const cells = [opcodeText(layout), `\`${name}\``, accountsText(layout), argumentsText(layout)];
    return `| ${[...cells, effectText(program, name)].join(' | ')} |`;
  });
  return [
    `## ${program.name}`,
    '',
    '| Opcode | Instruction | Accounts | Arguments | Effects |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function opcodeText({ opcode, subOpcode, discriminator }: InstructionLayout): string {
  if (discriminator !== undefined)
    return `\`${discriminator.map((byte) => byte.toString(16).padStart(2, '0')).join('')}\``;
  return subOpcode === undefined ? `${opcode}` : `${opcode}, ${subOpcode}`;
}

function accountsText(layout: InstructionLayout): string {
  const { roles, optionalRoles = [], furtherRole, lastRole, proofs } = layout;
  const ofProofs = new Set(proofs === undefined ? [] : ['instructions_sysvar', ...Object.keys(proofs)]);
  const further = furtherRole === undefined ? [] : [`${furtherRole}_…`];
  const last = lastRole === undefined ? [] : [`${lastRole.role}_…`];
  const named = roles.map((role) => (ofProofs.has(role) ? `[${role}]` : role));
  const names = [...named, ...optionalRoles.map((role) => `[${role}]`), ...further, ...last];
  return names.map((name) => `\`${name}\``).join(' ');
}

function argumentsText({ arguments: values = {}, texts = [] }: InstructionLayout): string {
  const names = Object.keys(values);
  return names.map((name) => (texts.includes(name) ? `\`${name}\` *text*` : `\`${name}\``)).join(' ');
}

function effectText({ name: program }: NativeProgram, name: string): string {
  const effect = EFFECT_TABLES.get(program)?.[name];
  if (effect !== undefined) return effect.says;
  if (name === 'batch') return 'those of its parts, one after the other';
  throw new Error(`${program} ${name} is decoded, but has no effects`);
}
