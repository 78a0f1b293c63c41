import { timingSafeEqual } from 'node:crypto';
import { ApiError } from '../kernel.js';

/** Compares without telling by its duration where the texts differ. */
export function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

export const signatureMismatch = (): ApiError =>
  new ApiError(400, 'SignatureDoesNotMatch', 'Specified signature is not matched with our calculation.');

/** Absent or empty parameters are named by the gateway as `Missing<Name>`. */
export const missing = (name: string): ApiError =>
  new ApiError(400, `Missing${name}`, `${name} is mandatory for this action.`);
