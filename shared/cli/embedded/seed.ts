/** Puts what the events name into the embedded cloud, beside the samples' things, so that neighbours exist. */

import { type Grant, isSystemPolicyGrant, type ResourceGrant } from '../../domain/grant.js';
import { type ProductSeed, sampleSeed, withResources } from '../../loopback/products/seed.js';

export const seedFor = (owner: string, grants: readonly Grant[]): ProductSeed =>
  withResources(
    sampleSeed(owner),
    owner,
    grants.filter((grant): grant is ResourceGrant => !isSystemPolicyGrant(grant)),
  );
