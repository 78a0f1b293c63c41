/** IMS 2019-08-15, the account's rules for passwords. */
import { type ActionSpec, flag, type Params, whole } from '../identity/actions.js';
import type { PasswordPolicyState } from '../identity/state.js';
import { ApiError } from '../kernel.js';
import { IMS_CODES } from './users.js';

/** A minimum length is at most this, so a password that long always has room. Source: IMS SetPasswordPolicy. */
const MAX_PASSWORD_CHARS = 32;

const view = (policy: PasswordPolicyState) => ({
  PasswordPolicy: {
    MinimumPasswordLength: policy.minimumLength,
    RequireLowercaseCharacters: policy.requireLowercase,
    RequireUppercaseCharacters: policy.requireUppercase,
    RequireNumbers: policy.requireNumbers,
    RequireSymbols: policy.requireSymbols,
    HardExpire: policy.hardExpire,
    MaxPasswordAge: policy.maxAgeDays,
    PasswordReusePrevention: policy.reusePrevention,
    MaxLoginAttemps: policy.maxLoginAttempts,
    MinimumPasswordDifferentCharacter: policy.differentCharacters,
    PasswordNotContainUserName: policy.notContainUserName,
  },
});

/** The password itself opens nothing here but `canLogOn`. @throws {ApiError} `InvalidParameter.Password.TooWeak` */
export function checkPassword(policy: PasswordPolicyState, password: string, userName: string): void {
  const demanded: readonly (readonly [boolean, RegExp])[] = [
    [policy.requireLowercase, /[a-z]/],
    [policy.requireUppercase, /[A-Z]/],
    [policy.requireNumbers, /[0-9]/],
    [policy.requireSymbols, /[^A-Za-z0-9]/],
  ];
  const isGood =
    password.length >= policy.minimumLength &&
    password.length <= MAX_PASSWORD_CHARS &&
    new Set(password).size >= policy.differentCharacters &&
    demanded.every(([isDemanded, kind]) => !isDemanded || kind.test(password)) &&
    !(policy.notContainUserName && password.toLowerCase().includes(userName.toLowerCase()));
  if (!isGood) {
    throw new ApiError(
      400,
      'InvalidParameter.Password.TooWeak',
      'The parameter - "Password" is not compliant with the password policy.',
    );
  }
}

/** What is not sent stays as it is. */
function changed(policy: PasswordPolicyState, params: Params): PasswordPolicyState {
  const number = (name: string, min: number, max: number, fallback: number) =>
    whole(params, name, { min, max, fallback }, `InvalidParameter.${name}.Range`);
  const bool = (name: string, fallback: boolean) => (params[name] ? flag(params, name) : fallback);
  return {
    minimumLength: number('MinimumPasswordLength', 8, 32, policy.minimumLength),
    requireLowercase: bool('RequireLowercaseCharacters', policy.requireLowercase),
    requireUppercase: bool('RequireUppercaseCharacters', policy.requireUppercase),
    requireNumbers: bool('RequireNumbers', policy.requireNumbers),
    requireSymbols: bool('RequireSymbols', policy.requireSymbols),
    hardExpire: bool('HardExpire', policy.hardExpire),
    maxAgeDays: number('MaxPasswordAge', 0, 1095, policy.maxAgeDays),
    reusePrevention: number('PasswordReusePrevention', 0, 24, policy.reusePrevention),
    maxLoginAttempts: number('MaxLoginAttemps', 0, 32, policy.maxLoginAttempts),
    differentCharacters: number('MinimumPasswordDifferentCharacter', 0, 8, policy.differentCharacters),
    notContainUserName: bool('PasswordNotContainUserName', policy.notContainUserName),
  };
}

export const passwordPolicyActions: Readonly<Record<string, ActionSpec>> = {
  GetPasswordPolicy: {
    codes: IMS_CODES,
    on: () => ['*'],
    run: ({ seen }) => view(seen.passwordPolicy),
  },
  SetPasswordPolicy: {
    codes: IMS_CODES,
    on: () => ['*'],
    run: ({ params, latest, update }) => {
      const passwordPolicy = changed(latest.passwordPolicy, params);
      update((account) => ({ ...account, passwordPolicy }));
      return view(passwordPolicy);
    },
  },
};
