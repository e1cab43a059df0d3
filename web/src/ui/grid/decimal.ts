/** Exact decimal arithmetic on text: 64-bit integers and decimals never pass through a float. */
export interface Decimal {
  /** The value is `units / 10^scale`. */
  units: bigint;
  scale: number;
}

const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Null for anything that is not a finite decimal numeral (`NaN`, `Infinity`, text). */
export function parseDecimal(text: string): Decimal | null {
  const match = PATTERN.exec(text.trim());
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  return scale >= 0
    ? { units: digits, scale }
    : { units: digits * 10n ** BigInt(-scale), scale: 0 };
}

const raise = (value: Decimal, scale: number): bigint =>
  value.units * 10n ** BigInt(scale - value.scale);

export function compareDecimals(left: Decimal, right: Decimal): number {
  const scale = Math.max(left.scale, right.scale);
  const difference = raise(left, scale) - raise(right, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function addDecimals(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  return { units: raise(left, scale) + raise(right, scale), scale };
}

/** Divides by a count, rounded half away from zero to `digits` more decimals than the value has. */
export function divideDecimal(value: Decimal, count: number, digits = 6): Decimal {
  const scale = value.scale + digits;
  const by = BigInt(count);
  const scaled = value.units * 10n ** BigInt(digits) * 2n;
  const half = scaled < 0n ? -by : by;
  return { units: (scaled + half) / (by * 2n), scale };
}

/** Plain notation without trailing zeros after the point. */
export function decimalText({ units, scale }: Decimal): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  if (scale === 0) return sign + digits;
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  return sign + digits.slice(0, -scale) + (fraction && `.${fraction}`);
}
