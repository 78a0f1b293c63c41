/** Puts what the events name into the embedded cloud, beside the samples' things, so that neighbours exist. */

import { type Grant, isSystemPolicyGrant, type ResourceGrant } from '../../domain/grant.js';
import { type ProductSeed, sampleSeed, withResources } from '../../loopback/products/seed.js';
import { grantIssues } from '../../services/index.js';

/** Nothing has a name that its product does not take, whatever a request says; Leasehold answers such a request. */
const mayExist = (grant: Grant): grant is ResourceGrant =>
  !isSystemPolicyGrant(grant) && !grantIssues(grant).some(({ code }) => code === 'BAD_NAME');

export const seedFor = (owner: string, grants: readonly Grant[]): ProductSeed =>
  withResources(sampleSeed(owner), owner, grants.filter(mayExist));
