// Owns how the tour writes amounts: exact decimals from base units.

export function decimal(baseUnits: bigint, decimals: number): string {
  const digits = baseUnits.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

export function sol(lamports: bigint): string {
  return `${decimal(lamports, 9)} SOL`;
}
