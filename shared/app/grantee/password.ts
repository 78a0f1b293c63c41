/** A first password for a grantee's user, within the rules of the grantee's account. Pure over a source of chance. */
import type { ChancePort, PasswordPolicy } from '../../cloud/ports.js';

/** A whole number from 0 up to, but not including, `bound`; each as likely as any other. */
export type RandomBelow = (bound: number) => number;

/** A minimum length is at most this, so a password that long always has room. Source: IMS SetPasswordPolicy. */
const MAX_LENGTH = 32;
/** Longer than most rules demand: it is used once, and copied. */
const USUAL_LENGTH = 24;

/** What looks alike in print (`0O`, `1lI`) is left out. Of symbols only those that no shell, URL or page changes on the way. */
const KINDS = {
  lowercase: 'abcdefghijkmnpqrstuvwxyz',
  uppercase: 'ABCDEFGHJKLMNPQRSTUVWXYZ',
  numbers: '23456789',
  symbols: '-_@=+.',
} as const;

/** Why no password can meet `policy` for a user of this name; `undefined` when one can. */
export function passwordHindrance(policy: PasswordPolicy, logonName: string): string | undefined {
  const { minimumLength, differentCharacters } = policy;
  if (!(minimumLength <= MAX_LENGTH))
    return `it demands ${minimumLength} characters, and a password has at most ${MAX_LENGTH}`;
  if (!(differentCharacters <= Math.min(MAX_LENGTH, alphabetOf(policy, logonName).length)))
    return `it demands ${differentCharacters} different characters, which no password has`;
  return undefined;
}

/**
 * A password that meets `policy`, of every kind of character whether demanded or not.
 * @throws {RangeError} when there is none; `passwordHindrance` says so beforehand
 */
export function generatePassword(policy: PasswordPolicy, logonName: string, random: RandomBelow): string {
  const hindrance = passwordHindrance(policy, logonName);
  if (hindrance !== undefined) throw new RangeError(`no password meets the password policy: ${hindrance}`);
  const alphabet = alphabetOf(policy, logonName);
  const length = Math.max(USUAL_LENGTH, policy.minimumLength, policy.differentCharacters);
  const letters = kindsOf(policy, logonName).map((kind) => pick(kind, random));
  while (letters.length < length) {
    const fresh = [...alphabet].filter((letter) => !letters.includes(letter)).join('');
    const isVariedEnough = new Set(letters).size >= policy.differentCharacters;
    letters.push(pick(isVariedEnough ? alphabet : fresh, random));
  }
  return shuffled(letters, random).join('');
}

/** Chance of a cryptographic source, without favouring any number. */
export function randomFrom({ nonce }: ChancePort): RandomBelow {
  let hex = '';
  const word = (): number => {
    if (hex.length < 8) hex = nonce();
    const value = Number.parseInt(hex.slice(0, 8), 16);
    hex = hex.slice(8);
    return value;
  };
  return (bound) => {
    const end = 2 ** 32 - (2 ** 32 % bound);
    let value = word();
    while (value >= end) value = word();
    return value % bound;
  };
}

/** A name that must not occur in the password can't, if one letter of it does not: its rarest kind loses one, at most. */
function kindsOf({ notContainUserName }: PasswordPolicy, logonName: string): readonly string[] {
  const barred = notContainUserName ? logonName.charAt(0) : '';
  return Object.values(KINDS).map((kind) =>
    [...kind].filter((letter) => letter.toLowerCase() !== barred.toLowerCase()).join(''),
  );
}

const alphabetOf = (policy: PasswordPolicy, logonName: string): string => kindsOf(policy, logonName).join('');

const pick = (letters: string, random: RandomBelow): string => letters.charAt(random(letters.length));

function shuffled(letters: readonly string[], random: RandomBelow): readonly string[] {
  const list = [...letters];
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = random(last + 1);
    [list[last], list[other]] = [list[other] ?? '', list[last] ?? ''];
  }
  return list;
}
