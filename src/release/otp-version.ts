/** Which OTP major release an emulator belongs to. */

/** First emulator versions of the majors that do not follow the rule; since 11 a major each: 11 is OTP 23, 13 is 25. */
const before11: ReadonlyMap<number, number> = new Map([
  [6, 17],
  [7, 18],
  [8, 19],
  [9, 20],
]);

/** `25` for `13.1.5`; null for what no OTP had. ERTS 10.0 to 10.3 were OTP 21, from 10.4 on OTP 22 (otp_versions.table). */
export function otpOf(erts: string): string | null {
  const [major = NaN, minor = 0] = erts.split('.').map(Number);
  if (major === 10) return minor < 4 ? '21' : '22';
  if (major >= 11) return String(major + 12);
  return before11.get(major)?.toString() ?? null;
}
