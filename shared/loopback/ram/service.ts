import { actionsOf } from '../identity/actions.js';
import type { IdentityCore } from '../identity/identity.js';
import type { RpcService } from '../kernel.js';
import { attachmentActions } from './attachments.js';
import { policyActions } from './policies.js';
import { roleActions } from './roles.js';
import { tagActions } from './tags.js';
import { userActions } from './users.js';

/** RAM 2015-05-01. */
export function ramService(core: IdentityCore): RpcService {
  return {
    product: 'Ram',
    version: '2015-05-01',
    actions: actionsOf(core, {
      ...roleActions,
      ...policyActions,
      ...attachmentActions,
      ...tagActions,
      ...userActions,
    }),
  };
}
