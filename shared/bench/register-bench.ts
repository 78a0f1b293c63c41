/** What a register of very many contracts costs, in calls: the sweep, the list of a partner's contracts, the evidence of one. */
import { dueKey, granteeKey } from '../app/register/index-entries.js';
import { listContracts } from '../app/register/list-contracts.js';
import { appendFact, loadFacts } from '../app/register/register.js';
import { findDueWork } from '../app/sweep/find-due-work.js';
import { OWNER } from '../cli/embedded/owner.js';
import { startEmbedded } from '../cli/embedded/start.js';
import type { LogPort } from '../cloud/ports.js';
import { portsOf } from '../compose.js';
import { foldContract } from '../domain/fold-contract.js';
import type { OnboardingRequest } from '../domain/request.js';
import { roleNameOf } from '../domain/role-name.js';
import { sha256Hex } from '../domain/sha256.js';
import { addSeconds, parseAccountId, parseContractId, parseInstant, parseRegion } from '../domain/values.js';
import { makeVirtualClock } from '../loopback/clock.js';
import { sampleSeed } from '../loopback/products/seed.js';

const START = parseInstant('2026-12-01T08:00:00Z');
const YEAR = 365 * 86_400;
const A_PARTNER = 200;
const AT_ONCE = 64;
const SILENT: LogPort = { info: () => undefined, warn: () => undefined };

/** Calls to OSS. The index is whole; of facts there are those of one partner's contracts. */
export async function benchLargeRegister(contracts: number): Promise<Readonly<Record<string, number>>> {
  const clock = makeVirtualClock({ startAt: Date.parse(START) });
  const embedded = await startEmbedded({ seed: sampleSeed(OWNER), clock, runner: 'in-process' });
  try {
    const ports = {
      ...portsOf(embedded.connectionOf(embedded.root), embedded.config, SILENT),
      clock: { now: () => START, ticks: () => performance.now(), sleep: async () => undefined },
    };
    for (let from = 0; from < contracts; from += AT_ONCE) {
      const requests = Array.from({ length: Math.min(AT_ONCE, contracts - from) }, (_, n) =>
        requestOf(from + n),
      );
      await Promise.all(
        requests.flatMap((request) => [
          ports.index.put(
            dueKey({ at: request.lease.expiresAt, contractId: request.contractId, what: 'expiry' }),
            '{}',
          ),
          ports.index.put(granteeKey(request), '{}'),
        ]),
      );
    }
    for (let n = 0; n < A_PARTNER; n++) {
      const request = requestOf(n);
      const { contractId } = request;
      const event = { source: 'benchmark', id: contractId, contentHash: sha256Hex(contractId) };
      const data = {
        event,
        request,
        owner: parseAccountId(OWNER),
        roleName: roleNameOf(contractId),
        planHash: sha256Hex(contractId),
      };
      await appendFact(foldContract(contractId, []), { kind: 'requested', data }, 'bench', ports);
    }
    const calls = async (work: () => Promise<unknown>): Promise<number> => {
      let count = 0;
      const stop = embedded.cloud.faults.add({
        after: ({ product }) => {
          if (product === 'oss') count += 1;
        },
      });
      await work();
      stop();
      return count;
    };
    return {
      'an idle sweep': await calls(() => findDueWork('', ports)),
      [`the list of a partner's ${A_PARTNER} contracts`]: await calls(() =>
        listContracts({ partner: requestOf(0).grantee.accountId }, ports),
      ),
      'the evidence of one contract': await calls(() => loadFacts(requestOf(7).contractId, ports.evidence)),
    };
  } finally {
    await embedded.close();
  }
}

function requestOf(n: number): OnboardingRequest {
  return {
    contractId: parseContractId(`R-${n}`),
    requestedBy: 'benchmark',
    grantee: {
      name: 'Globex',
      accountId: parseAccountId(String(2_000_000_000_000_000 + Math.floor(n / A_PARTNER))),
      accessors: [],
      setup: { mode: 'self-service' },
    },
    lease: { startsAt: START, expiresAt: addSeconds(START, 86_400 + ((n * 7919) % YEAR)) },
    grants: [
      {
        service: 'kafka',
        access: 'read',
        region: parseRegion('cn-hangzhou'),
        instanceId: 'alikafka_pre-cn-x1',
      },
    ],
    restrict: {},
  };
}
