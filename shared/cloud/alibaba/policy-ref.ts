import type { PolicyRef } from '../ports.js';

export const refOf = (policy: { readonly policyType?: string; readonly policyName?: string }): PolicyRef => ({
  type: policy.policyType === 'System' ? 'System' : 'Custom',
  name: policy.policyName ?? '',
});
