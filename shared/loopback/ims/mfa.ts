/** IMS 2019-08-15, MFA devices: seen and taken away. Binding one takes codes of the device: `AccountAdmin.bindMfaDevice` does it. */
import type { ActionSpec } from '../identity/actions.js';
import { changeUser } from '../identity/users.js';
import { notFound } from '../ram/checks.js';
import { onUser, userOf } from './names.js';
import { IMS_CODES } from './users.js';

const unbind: ActionSpec = {
  needs: ['UserPrincipalName'],
  codes: IMS_CODES,
  on: onUser,
  run: (context) => {
    const { mfaDevice, ...user } = userOf(context.latest, context.params);
    if (mfaDevice === undefined) throw notFound('User.MFADevice', 'The user has not bound any MFA device.');
    changeUser(context, user);
    return {};
  },
};

export const mfaActions: Readonly<Record<string, ActionSpec>> = {
  GetUserMFAInfo: {
    codes: IMS_CODES,
    on: onUser,
    run: ({ seen, params }) => {
      const { mfaDevice } = userOf(seen, params);
      return mfaDevice === undefined
        ? { IsMFAEnable: false }
        : { IsMFAEnable: true, MFADevice: { SerialNumber: mfaDevice, Type: 'VMFA' } };
    },
  },
  /** Unbinds the device and deletes it; `UnbindMFADevice` keeps it, which makes no difference where devices are not kept. */
  DisableVirtualMFA: unbind,
  UnbindMFADevice: unbind,
};
