/** Longest id, in characters (Unicode code points). */
export const MAX_ID_LENGTH = 128;

const CONTROL = /\p{Cc}/u;

/**
 * Whether a value is an id of an agent, an account or a login: 1–128 characters of any well-formed Unicode
 * but control characters. Ids are opaque and compared exactly (no normalisation, no case folding).
 */
export function isId(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_ID_LENGTH * 2) return false;
  if (!value.isWellFormed() || CONTROL.test(value)) return false;
  return value.length <= MAX_ID_LENGTH || [...value].length <= MAX_ID_LENGTH;
}
